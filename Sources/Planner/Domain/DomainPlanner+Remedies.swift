// SPDX-License-Identifier: Apache-2.0

internal import LibvirtModel
internal import MemoryModel

/// What a plan says of a refusal: figures and remedies that fit the domain and its manifest.
extension DomainPlanner {
  /// The blocker for a refusal; its remedy does not ask for what is declared already.
  func blocker(of path: FieldPath, _ refusal: Refusal, _ draft: Draft) -> Blocker {
    var blocker = refusal.blocker(of: path)
    if let field = fieldToMendFirst(for: path, refusal, draft) {
      blocker.summary = "waits for \(field), which is blocked"
      blocker.remedy = Self.remedy(for: path, waitingFor: field)
    } else if waitsForTarget(path, refusal, draft) {
      blocker.summary = "waits for currentMemory, which is blocked"
      blocker.remedy = Self.remedy(for: path, waitingFor: .currentMemory)
    } else if refusal.rule == .currentMemoryAboveReach {
      blocker.remedy = remedyAboveReach(draft) ?? blocker.remedy
    } else if refusal.rule == .hardLimitAboveSwapHardLimit {
      blocker.remedy = remedyForLimits(draft) ?? blocker.remedy
    } else if refusal.rule == .guestNotRunning {
      blocker.remedy = remedyForGuest ?? blocker.remedy
    } else if observed.persistent == nil, let remedy = remedyForTransient(refusal.rule) {
      blocker.remedy = remedy
    } else if refusal.rule.meaning == .lacksStatistics {
      blocker.remedy = remedyForMissingStatistics
    }
    return blocker
  }

  /// The remedy for a field that can't be as declared without another one, which is blocked.
  ///
  /// Without that other field in the manifest, the same rule would block `path`.
  private static func remedy(for path: FieldPath, waitingFor field: FieldPath) -> String {
    "Remove the cause that blocks `\(field)`, or remove `\(path)` from the manifest."
  }

  /// The remedy for a field that waits for another one, which is blocked.
  static func remedy(forWaitingFor field: FieldPath) -> String {
    "Remove the cause that blocks `\(field)`, or remove `\(field)` from the manifest."
  }

  /// The declared field that is blocked itself, and without which the remedy can't help.
  private func fieldToMendFirst(
    for path: FieldPath, _ refusal: Refusal, _ draft: Draft
  ) -> FieldPath? {
    guard let asked = refusal.rule.remedyField else { return nil }
    let isRaised =
      refusal.rule != .currentMemoryAboveReach || isReachedOnceMemoryGrows(draft)
    guard isRaised else { return nil }
    let key = asked.item == "*" ? path.item : asked.item
    return managed.first { field in
      let isAsked = field.name == asked.name || field.name.isBelow(asked.name)
      return isAsked && (key == nil || field.item == key) && field != path
        && isBlocked(field, draft) && blocked[field]?.rule != refusal.rule
    }
  }

  // MARK: - The balloon target

  /// Whether a size must stay because the declared balloon target, which is to fall first, is
  /// blocked.
  private func waitsForTarget(_ path: FieldPath, _ refusal: Refusal, _ draft: Draft) -> Bool {
    refusal.rule == .memoryBelowCurrentMemory && path != .currentMemory
      && desired.configuration.currentMemory != nil && isBlocked(.currentMemory, draft)
  }

  /// The most that the balloon can give after the plan.
  private func reach(_ draft: Draft) -> (all: MemorySize, boot: MemorySize)? {
    guard let definition = draft.normalised[.persistent] ?? draft.normalised[.live],
      let all = definition.reach, let boot = definition.memory
    else { return nil }
    return (all, boot)
  }

  /// The least balloon target that is as declared.
  private var leastTarget: MemorySize? {
    switch desired.configuration.currentMemory {
    case .exactly(let size)?: size
    case .within(let range)?: range.lowerBound
    case nil: nil
    }
  }

  /// Whether the declared `memory` would be enough for the declared `currentMemory`.
  private func isReachedOnceMemoryGrows(_ draft: Draft) -> Bool {
    guard let target = leastTarget, let reach = reach(draft),
      let memory = desired.configuration.memory
    else { return false }
    return target <= memory + (reach.all - reach.boot)
  }

  private func remedyAboveReach(_ draft: Draft) -> String? {
    guard let target = leastTarget, let reach = reach(draft) else { return nil }
    let bound =
      if case .within? = desired.configuration.currentMemory { "the `min` of `currentMemory`" } else
      {
        "`currentMemory`"
      }
    let extra = reach.all - reach.boot
    // The declared `memory` may be lower, and blocked only because the target does not fit it.
    let most = min(reach.all, desired.configuration.memory.map { $0 + extra } ?? reach.all)
    let lower = "Lower \(bound) to at most \(most.manifestText)"
    if draft.normalised[.persistent]?.cells.count ?? 0 > 1 {
      return "\(lower), or raise the `memory` of the NUMA cells."
    }
    let memory = target - extra
    let isDeclared = desired.configuration.memory != nil
    let raised =
      isDeclared
      ? "raise `memory` to at least \(memory.manifestText)"
      : "declare `memory: \(memory.manifestText)`"
    guard let ceiling = ceiling(forBoot: memory, draft) else { return "\(lower), or \(raised)." }
    return """
      \(lower), or \(raised) and \(isDeclared ? "" : "raise ")`maxMemory.size` to at least \
      \(ceiling.manifestText).
      """
  }

  /// The `maxMemory.size` that this much RAM at boot needs; nil where the present one is enough.
  private func ceiling(forBoot memory: MemorySize, _ draft: Draft) -> MemorySize? {
    guard let definition = draft.normalised[.persistent] ?? draft.normalised[.live],
      let size = definition.maxMemory.size
    else { return nil }
    let needed = memory + definition.devices.map(\.fullSize).total
    return needed > size ? needed : nil
  }

  // MARK: - Limits

  /// The remedy where the manifest declares only one of hardLimit and swapHardLimit, which libvirt
  /// compares with each other; nil where it declares both.
  private func remedyForLimits(_ draft: Draft) -> String? {
    let declared = desired.configuration.memtune
    let present = [draft.normalised[.live], draft.normalised[.persistent]].compactMap {
      $0?.memtune
    }
    switch (declared.hardLimit, declared.swapHardLimit) {
    case (let hard?, nil):
      guard case .size(let swap)? = present.compactMap(\.swapHardLimit).min() else { return nil }
      return """
        `memtune.swapHardLimit` is \(swap). Declare `memtune.swapHardLimit: \(hard.manifestText)` \
        (or more) too, or lower `memtune.hardLimit` to at most \(swap.manifestText).
        """
    case (nil, .size(let swap)?):
      let hard = present.map { $0.hardLimit ?? .unlimited }.max() ?? .unlimited
      let remedy = """
        `memtune.hardLimit` is \(hard.fieldValue). Declare `memtune.hardLimit: \
        \(swap.manifestText)` (or less) too
        """
      guard case .size = hard else {
        return "\(remedy), or remove `memtune.swapHardLimit` from the manifest."
      }
      return "\(remedy), or raise `memtune.swapHardLimit` to at least \(hard.manifestText)."
    default: return nil
    }
  }

  // MARK: - The guest

  /// What helps on a transient domain, which has no definition to edit and no next start; nil where
  /// the rule's own remedy fits.
  private func remedyForTransient(_ rule: Rule) -> String? {
    switch rule {
    case .dimmNeedsACPI:
      """
      Create the domain again with `<acpi/>` in its `<features>` (`virsh create FILE`), or declare \
      a virtio-mem device instead.
      """
    case .nvdimmNeedsOneAtStart:
      """
      Create the domain again with the nvdimm in its definition (`virsh create FILE`), or remove \
      the device from the manifest.
      """
    default: nil
    }
  }

  /// The command that makes the guest run again; nil if its state is another one.
  private var remedyForGuest: String? {
    switch observed.state {
    case .paused: "Resume the guest with `virsh resume DOMAIN`, then plan again."
    case .pmsuspended: "Wake the guest with `virsh dompmwakeup DOMAIN`, then plan again."
    case .crashed: "Reset the guest with `virsh reset DOMAIN`, then plan again."
    case .running, .idle, .inShutdown, .shutOff, .noState: nil
    }
  }

  /// What is missing until the guest's statistics arrive.
  private var remedyForMissingStatistics: String {
    let wanted = desired.configuration.memballoon.statsPeriod?.seconds
    let period = normalised[.live]?.memballoon.statsPeriod?.seconds ?? 0
    let otherwise = "If the guest may shrink without statistics, declare `policy.shrink: allow`."
    switch (wanted, period) {
    case (nil, 0), (0?, 0):
      return """
        Declare `memballoon.statsPeriod: 10s`, apply, wait 10 s and plan again. \(otherwise)
        """
    case (let wanted?, 0):
      return "Apply this plan, which turns statistics on, wait \(wanted) s and plan again."
    default:
      return """
        Run `virsh dommemstat DOMAIN`: QEMU must answer, and the guest must have loaded its \
        balloon driver (on Windows, the balloon service must run too). \(otherwise)
        """
    }
  }
}

extension Limit {
  /// The limit in manifest form.
  fileprivate var manifestText: String {
    switch self {
    case .size(let size): size.manifestText
    case .unlimited: "unlimited"
    }
  }
}
