// SPDX-License-Identifier: Apache-2.0
import LibvirtModel
import MemoryModel
import Planner
import TestSupport
import Testing

/// What holds for any desired state and any domain; the seed chooses them.
@Suite struct PropertyTests {
  static let seeds = PlannedScene.all.indices

  private static func differs(
    _ field: PlannedField, in scene: RandomScene, on plane: Plane
  ) -> Bool {
    let behaviour = GuestBehaviour(of: scene.observed, on: scene.host)
    let domain = behaviour.naming(scene.observed, as: scene.desired.configuration.devices)
    guard let definition = behaviour.normalised(domain)[plane] else { return false }
    return !behaviour.isAsDesired(
      field.path, scene.desired.configuration, in: definition, on: plane)
  }

  @Test(
    "the model accepts each step, which starts at its old values and reaches its new ones",
    arguments: seeds)
  func steps(seed: Int) throws {
    let (scene, plan) = (PlannedScene.all[seed].scene, PlannedScene.all[seed].plan)
    var domain = plan.naming(scene.observed, on: scene.host)
    for step in plan.steps {
      let conditions = StepConditions(of: step.operation, on: scene.host)
      #expect(conditions.isAtOrigin(domain), "\(step.id) \(scene)")
      #expect(!conditions.isAchieved(domain), "\(step.id)")
      #expect(!step.changes.allSatisfy { $0.from == $0.to }, "\(step.id)")
      domain = try scene.host.result(of: step.operation, on: domain)
      #expect(conditions.isAchieved(domain), "\(step.id)")
    }
  }

  @Test(
    "an applied plan leaves no step and changes no verdict except of the changed fields",
    arguments: seeds)
  func idempotence(seed: Int) throws {
    let (scene, plan) = (PlannedScene.all[seed].scene, PlannedScene.all[seed].plan)
    let after = try PlannedScene.all[seed].after.get()
    let again = PlannedScene.all[seed].again
    #expect(again.steps.isEmpty || scene.hasCeilingAlone, "\(scene) \(after)")
    guard plan.verdict != .suspended else { return }
    for (before, left) in zip(plan.fields, again.fields) where !scene.hasCeilingAlone {
      let expected: [Verdict] =
        before.verdict == .change ? [.inSync, .pendingRestart] : [before.verdict]
      #expect(expected.contains(left.verdict), "\(before.path) \(scene) \(after)")
    }
    if let goal = plan.goalHash {
      #expect(
        Basis(of: plan.fields, on: after.host)
          .fingerprint(of: plan.naming(after.observed, on: after.host)) == goal, "\(scene)")
      #expect(goal != plan.basis || plan.steps.isEmpty || Self.movesOnlyTheBalloon(plan))
    }
  }

  /// Whether the plan moves only fields that a basis ignores: the balloon, or a declared range.
  private static func movesOnlyTheBalloon(_ plan: DomainPlan) -> Bool {
    let open = plan.fields.filter { if case .sizeRange = $0.desired { true } else { false } }
    let free = Set(open.map(\.path) + [.currentMemory])
    return plan.steps.allSatisfy { step in
      step.operation.call == nil
        || step.changes.allSatisfy { $0.from == $0.to || free.contains($0.field) }
    }
  }

  @Test(
    "no plan shrinks one part of a guest in favour of another part that is blocked",
    arguments: seeds)
  func counterparts(seed: Int) throws {
    let (scene, plan) = (PlannedScene.all[seed].scene, PlannedScene.all[seed].plan)
    let reserved = Set(plan.blockers.filter { $0.rule == "host-reserve" }.compactMap(\.field))
    let isHeld = plan.fields.contains { field in
      field.verdict == .blocked && !reserved.contains(field.path) && Self.grows(field)
        && scene.isRAM(field.path)
    }
    guard isHeld else { return }
    // A wait only waits for a change that was requested before.
    for change in plan.steps.filter({ $0.operation.call != nil }).flatMap(\.changes) {
      #expect(!Self.shrinks(change) || !scene.isRAM(change.field), "\(change) \(scene)")
    }
  }

  private static let parts: Set<FieldName> = [
    .memory, .cellMemory, .deviceSize, .deviceRequested,
  ]

  /// Whether a part of the guest's memory is to grow or to be added.
  private static func grows(_ field: PlannedField) -> Bool {
    if field.path.name == .deviceState || field.path.name == .cellState {
      return field.desired == ItemState.present.fieldValue
    }
    let observed = field.persistent == field.desired ? field.live : field.persistent
    guard parts.contains(field.path.name), case .size(let declared) = field.desired,
      case .size(let size)? = observed
    else { return false }
    return declared > size
  }

  /// Whether a change shrinks a part of the guest's memory or removes it.
  private static func shrinks(_ change: Change) -> Bool {
    if change.to == ItemState.absent.fieldValue {
      return change.field.name == .deviceState || change.field.name == .cellState
    }
    guard parts.contains(change.field.name), case .size(let from)? = change.from,
      case .size(let to)? = change.to
    else { return false }
    return to < from
  }

  @Test("each verdict matches the definitions before and after the plan", arguments: seeds)
  func verdicts(seed: Int) throws {
    let (scene, plan) = (PlannedScene.all[seed].scene, PlannedScene.all[seed].plan)
    let after = try PlannedScene.all[seed].after.get()
    for field in plan.fields {
      let isDifferent = Plane.allCases.contains { Self.differs(field, in: scene, on: $0) }
      let isBroken = Plane.allCases.contains { Self.differs(field, in: after, on: $0) }
      // A field that the plan's other steps would change, and that it can't restore, differs too.
      let isMoved = plan.steps.flatMap(\.changes).contains {
        $0.field == field.path && $0.changesValue
      }
      // A suspended domain's verdicts assume the steps that its plan omits.
      #expect(
        (field.verdict == .inSync) == !(isDifferent || isBroken || isMoved)
          || scene.desired.isSuspended && !isDifferent, "\(field.path) \(scene)")
      if field.verdict == .pendingRestart {
        #expect(!Self.differs(field, in: scene, on: .persistent), "\(field.path)")
        #expect(scene.observed.persistent != nil, "\(field.path)")
      }
      if field.verdict == .blocked { #expect(isBroken, "\(field.path) \(scene)") }
      if field.verdict == .change && !scene.desired.isSuspended {
        #expect(!Self.differs(field, in: after, on: .persistent), "\(field.path)")
      }
      #expect(
        (field.verdict == .blocked) == plan.blockers.contains { $0.field == field.path },
        "\(field.path)")
    }
    let worst = plan.fields.map(\.verdict).max() ?? .inSync
    #expect(plan.verdict == (scene.desired.isSuspended ? .suspended : worst))
  }

  @Test("a plan changes no field that is unmanaged, blocked or suspended", arguments: seeds)
  func untouched(seed: Int) throws {
    let (scene, plan) = (PlannedScene.all[seed].scene, PlannedScene.all[seed].plan)
    let after = try PlannedScene.all[seed].after.get()
    if scene.desired.isSuspended { #expect(plan.steps.isEmpty && plan.basis == nil) }
    let (before, then) = (scene.named(by: plan), after.named(by: plan))
    let wanted = Set(plan.fields.filter { $0.verdict == .change }.map(\.path))
    for plane in Plane.allCases {
      guard let old = before[plane], let new = then[plane] else { continue }
      let free = scene.derived(from: wanted, plan, on: plane, old, new)
      for field in Set(old.declaredFields).union(new.declaredFields) where !free.contains(field) {
        // libvirt clamps currentMemory to a lowered memory, which a range allows.
        let isOpen = field == .currentMemory && scene.desired.configuration.currentMemory != nil
        if !isOpen {
          let isKept = scene.observed[plane]?[field] == after.observed[plane]?[field]
          // A currentMemory above the reach is hidden, and stays the same if the reach grows.
          #expect(
            old[field] == new[field] || field == .currentMemory && isKept,
            "\(plane) \(field) \(scene)")
        }
      }
    }
  }

  @Test("no step changes a blocked field on any plane", arguments: seeds)
  func blocked(seed: Int) {
    let (scene, plan) = (PlannedScene.all[seed].scene, PlannedScene.all[seed].plan)
    let blocked = Set(plan.fields.filter { $0.verdict == .blocked }.map(\.path))
    for step in plan.steps {
      for change in step.changes where change.from != change.to {
        #expect(!blocked.contains(change.field), "\(step.id) \(change.field) \(scene)")
      }
    }
  }

  @Test("steps have a fixed order, with a redefinition alone and last", arguments: seeds)
  func orderOfSteps(seed: Int) {
    let (scene, steps) = (PlannedScene.all[seed].scene, PlannedScene.all[seed].plan.steps)
    let persistent = steps.filter { $0.plane == .persistent }
    if persistent.contains(where: { $0.operation.call?.action == .redefine }) {
      #expect(persistent.count == 1 && steps.last?.operation.call?.action == .redefine, "\(scene)")
    }
    let devices = steps.compactMap(\.operation.call?.action).filter {
      [.attachDevice, .detachDevice].contains($0)
    }
    #expect(devices == devices.sorted { $0 == .attachDevice && $1 == .detachDevice })
    let waits = steps.firstIndex { $0.operation.call == nil } ?? steps.count
    #expect(steps[waits...].allSatisfy { $0.operation.call.map { $0.action == .redefine } ?? true })
  }

  @Test("the order of the observed devices doesn't change the plan", arguments: seeds)
  func orderOfDevices(seed: Int) {
    let (scene, one) = (PlannedScene.all[seed].scene, PlannedScene.all[seed].plan)
    // Of devices without an alias, the planner takes the first that matches.
    guard Plane.allCases.allSatisfy({ scene.observed[$0].map(Self.hasClearDevices) ?? true }) else {
      return
    }
    var other = scene
    for plane in Plane.allCases { other.observed[plane]?.devices.reverse() }
    let another = other.plan.domains[0]
    #expect(one.steps == another.steps && one.fields == another.fields, "\(scene) \(other)")
    #expect(one.blockers == another.blockers, "\(scene) \(other)")
  }

  private static func hasClearDevices(_ definition: MemoryConfiguration) -> Bool {
    let models = definition.devices.filter { $0.alias == nil }.map(\.model)
    return Set(models).count == models.count
  }

  @Test("planning a plan's own desired state gives the same plan", arguments: seeds)
  func replanned(seed: Int) throws {
    let scene = PlannedScene.all[seed].scene
    // A plan describes an absent device too little if no step removes it.
    guard !PlannedScene.all[seed].hasUnknownDevice else { return }
    let sights = ["default": HostObservation.observed(scene.host)]
    let plan = Fleet(DesiredState(domains: [scene.desired])).plan(sights, ceiling: scene.ceiling)
    let again = Fleet(DesiredState(of: plan, file: "plan.json")).plan(sights, ceiling: .restart)
    #expect(again.hosts == plan.hosts, "seed \(seed)")
    var domains = again.domains
    for index in domains.indices { domains[index].position = plan.domains[index].position }
    let differing = zip(domains[0].fields, plan.domains[0].fields).filter { $0 != $1 }.map(\.0)
    #expect(domains == plan.domains, "\(differing.map { "\($0.path) \($0.verdict)" }) \(scene)")
  }

  @Test("no step disrupts more than policy and run allow", arguments: seeds)
  func disruption(seed: Int) {
    let (scene, plan) = (PlannedScene.all[seed].scene, PlannedScene.all[seed].plan)
    let most = min(scene.desired.policy.disruption, scene.ceiling)
    #expect(plan.steps.allSatisfy { $0.disruption <= most })
    #expect(plan.steps.allSatisfy { $0.plane == .live || $0.disruption == .none })
    if scene.desired.policy.shrink == .never {
      let taken = plan.steps.filter { $0.plane == .live }.flatMap(\.changes)
        .filter { $0.takesMemory && [.currentMemory, .hardLimit].contains($0.field) }
      #expect(taken.isEmpty)
    }
  }
}

extension RandomScene {
  /// Whether the field belongs to RAM, not to persistent memory or the processor's own memory.
  fileprivate func isRAM(_ field: FieldPath) -> Bool {
    let definitions = [desired.configuration, observed.persistent, observed.live]
    let device = definitions.compactMap(\.self).flatMap(\.devices).first {
      field.name.state == .deviceState && ($0.name ?? $0.alias) == field.item && $0.model != nil
    }
    let others: [MemoryDevice.Model] = [.nvdimm, .virtioPmem, .sgxEpc]
    return device?.model.map { !others.contains($0) } ?? true
  }
}
