// SPDX-License-Identifier: Apache-2.0

internal import LibvirtModel
internal import MemoryModel

extension DomainPlanner {
  /// The warnings of `plan`, made from `draft`; none if it manages nothing or is suspended.
  func warnings(_ draft: Draft, plan: DomainPlan, host: DesiredHost) -> [Diagnostic] {
    guard !managed.isEmpty, !desired.isSuspended else { return [] }
    return Warnings(planner: self, draft: draft, plan: plan, host: host).all
  }
}

/// The warnings of one domain's plan.
private struct Warnings {
  let planner: DomainPlanner
  let draft: DomainPlanner.Draft
  let plan: DomainPlan
  let host: DesiredHost
  /// The fields that the plan changes.
  private let changed: [FieldPath]

  init(planner: DomainPlanner, draft: DomainPlanner.Draft, plan: DomainPlan, host: DesiredHost) {
    self.planner = planner
    self.draft = draft
    self.plan = plan
    self.host = host
    changed = plan.fields.lazy.filter { $0.verdict == .change }.map(\.path)
  }

  var all: [Diagnostic] {
    var all: [Diagnostic] = []
    func add(_ warning: Diagnostic?) {
      if let warning { all.append(warning) }
    }
    add(restart)
    add(managedSave)
    add(softLimit)
    add(locked)
    add(autodeflate)
    add(bootsBallooned)
    add(settles)
    add(swapMeaning)
    add(minGuarantee)
    add(cellInserted)
    add(commandLine)
    add(movesPages)
    add(pagesNotOnHost)
    return all + cautions
  }

  /// The model's warnings about changed fields: each rule once, at the first such field.
  private var cautions: [Diagnostic] {
    let cautions = [Plane.live, .persistent].flatMap { plane -> [Caution] in
      guard let definition = draft.state[plane] else { return [] }
      return planner.behaviour.cautions(about: definition, on: plane) { changes($0) }
    }
    guard !cautions.isEmpty else { return [] }
    var seen: Set<Rule> = []
    return cautions.filter { seen.insert($0.rule).inserted }
      .map { warn($0.rule, field: $0.field, detail: $0.detail) }
  }

  private func warn(
    _ rule: Rule, _ severity: Diagnostic.Severity = .warning,
    field: FieldPath? = nil, detail: String = "", remedy: String? = nil
  ) -> Diagnostic {
    rule.warning(
      severity, host: host.name, domain: plan.name, field: field, detail: detail, remedy: remedy,
      source: field.flatMap { planner.desired.sources[$0] } ?? planner.desired.position)
  }

  private func changes(_ field: FieldPath) -> Bool {
    changed.contains(field)
  }

  private var commandLine: Diagnostic? {
    let observed = planner.observed
    guard
      let arguments = observed.live?.surroundings.memoryArguments
        ?? observed.persistent?.surroundings.memoryArguments
    else { return nil }
    return warn(.qemuCommandlineMemory, detail: "It has \(arguments).")
  }

  private var restart: Diagnostic? {
    planner.desired.policy.disruption == .restart ? warn(.restartNotSupported, .note) : nil
  }

  private var managedSave: Diagnostic? {
    guard planner.observed.hasManagedSave, !planner.observed.isActive else { return nil }
    guard planner.observed.live != nil else { return warn(.managedSaveNotReadable, .note) }
    let shadowed = planner.managed.filter { planner.differs($0, in: draft.normalised, on: .live) }
    return shadowed.isEmpty
      ? nil
      : warn(
        .managedSaveShadows,
        detail: "The image differs in \(shadowed.map(\.description).joined(separator: ", ")).")
  }

  private var locked: Diagnostic? {
    guard Plane.allCases.contains(where: { draft.state[$0].map(Self.isUnbounded) ?? false }),
      let field = [.hardLimit, FieldPath(.locked)].first(where: { changes($0) })
    else { return nil }
    return warn(.lockedWithoutHardLimit, field: field)
  }

  /// Warns of a soft limit near or below what QEMU holds.
  ///
  /// With cgroup v2 it is memory.high, and the kernel throttles a guest that holds more.
  private var softLimit: Diagnostic? {
    guard changes(.softLimit), host.facts.cgroup != "v1",
      case .size(let limit)? = draft.state.live?.memtune.softLimit,
      let resident = planner.observed.statistics?.resident,
      limit < resident + MemorySize(bytes: resident.bytes / 10)
    else { return nil }
    return warn(
      .softLimitBelowResident, field: .softLimit,
      detail: "QEMU holds \(resident.bytes >> 20) MiB, and the limit would be \(limit).")
  }

  private var movesPages: Diagnostic? {
    let nodeset = FieldPath(.numatuneNodeset)
    let moves = plan.steps.contains { step in
      step.plane == .live && step.changes.contains { $0.field == nodeset && $0.changesValue }
    }
    guard moves, planner.behaviour.driver == .qemu else { return nil }
    let held = planner.observed.statistics?.resident.map { "QEMU holds \($0.bytes >> 20) MiB." }
    return warn(.numatuneMovesPages, .note, field: nodeset, detail: held ?? "")
  }

  /// Warns of staged huge pages that the pools do not hold, where that does not block them.
  ///
  /// The host may make them on demand, the default size may be unknown, or the pools may have
  /// become smaller while the definition waits for the start.
  private var pagesNotOnHost: Diagnostic? {
    let isOnDemand = host.facts.hugepages == .onDemand
    guard let next = draft.state.persistent ?? (isOnDemand ? draft.state.live : nil),
      let shortage = planner.behaviour.hugepagesMissing(
        for: next, where: { $0.field(in: plan.fieldsOfNextStart) != nil }),
      let field = shortage.field(in: plan.fieldsOfNextStart)
    else { return nil }
    let words = shortage.instance
    return warn(
      .hugepagesNotOnHost, field: field,
      detail: "\(words.prefix(1).uppercased())\(words.dropFirst()).", remedy: shortage.remedy)
  }

  private static func isUnbounded(_ definition: MemoryConfiguration) -> Bool {
    definition.memoryBacking.locked == true
      && (definition.memtune.hardLimit ?? .unlimited) == .unlimited
  }

  private var autodeflate: Diagnostic? {
    guard case .exactly? = planner.desired.configuration.currentMemory,
      Plane.allCases.contains(where: { draft.state[$0]?.memballoon.autodeflate == true }),
      let field = [.currentMemory, FieldPath(.autodeflate)].first(where: { changes($0) })
    else { return nil }
    return warn(.autodeflateWithExactCurrentMemory, field: field)
  }

  private var bootsBallooned: Diagnostic? {
    guard changes(.memory), planner.desired.configuration.currentMemory == nil,
      let before = planner.observed.persistent?.memory, let after = draft.state.persistent,
      let memory = after.memory, memory > before, let reach = after.reach,
      case .exactly(let current)? = draft.normalised[.persistent]?.currentMemory, current < reach,
      current < memory
    else { return nil }
    return warn(
      .guestBootsBallooned, field: .memory,
      detail: "memory becomes \(memory), and currentMemory stays \(current).")
  }

  /// Notes that a guest above its balloon target may just have booted, which is no drift.
  private var settles: Diagnostic? {
    // The field may be blocked: soon after a boot a guarded shrink lacks its statistics.
    let isShown = plan.fields.contains { $0.path == .currentMemory && $0.verdict != .inSync }
    guard isShown, planner.behaviour.driver == .qemu, planner.observed.state == .running,
      let live = planner.observed.live, planner.observed.persistent != nil,
      !planner.differs(.currentMemory, in: planner.normalised, on: .persistent),
      case .exactly(let balloonTarget)? = planner.normalised[.live]?.currentMemory,
      case .exactly(let next)? = planner.normalised[.persistent]?.currentMemory,
      balloonTarget == live.reach, next < balloonTarget, !live.memballoon.isRuledOut
    else { return nil }
    return warn(.balloonSettlesAfterBoot, .note, field: .currentMemory)
  }

  private var swapMeaning: Diagnostic? {
    guard changes(.swapHardLimit),
      planner.desired.configuration.memtune.swapHardLimit != .unlimited,
      host.facts.cgroup == nil,
      planner.behaviour.driver == .qemu || planner.behaviour.driver == .lxc
    else { return nil }
    return warn(.swapLimitMeaning, .note, field: .swapHardLimit)
  }

  private var cellInserted: Diagnostic? {
    guard let before = planner.observed.persistent, let after = draft.state.persistent,
      before.cells.isEmpty, !after.cells.isEmpty, planner.desired.configuration.cells.isEmpty
    else { return nil }
    return warn(.numaCellInserted, .note, field: .maxMemorySize)
  }

  private var minGuarantee: Diagnostic? {
    changes(.minGuarantee) ? warn(.minGuaranteeUntested, field: .minGuarantee) : nil
  }
}
