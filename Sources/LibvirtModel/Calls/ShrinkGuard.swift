// SPDX-License-Identifier: Apache-2.0

package import MemoryModel

/// Whether memory may be taken from a running guest, as `policy.shrink` has it.
///
/// The planner asks it before it plans a step, and the applier again right before it performs one.
package struct ShrinkGuard: Hashable, Sendable {
  /// The policy.
  package let policy: ShrinkPolicy

  /// The free memory of the host's NUMA nodes, by their numbers; empty where it is unknown.
  package let freeMemory: [MemorySize]

  /// Makes the guard of a policy, on a host that has `freeMemory` on its NUMA nodes.
  package init(_ policy: ShrinkPolicy, freeMemory: [MemorySize] = []) {
    self.policy = policy
    self.freeMemory = freeMemory
  }

  /// Lets `call` pass, or says why it may not be made on `domain` as it is now.
  ///
  /// Only what takes memory from the live plane is guarded: the balloon down, `requested` down, a
  /// device out, hardLimit down, and a move to host nodes that have no room for the guest.
  ///
  /// - Throws: ``Refusal`` with the rule that keeps it from being made.
  package func check(_ call: Call, on domain: ObservedDomain) throws(Refusal) {
    guard call.plane == .live, call.action != .wait, let live = domain.live else { return }
    if policy == .guarded,
      let move = call.changes.first(where: { $0.field.name == .numatuneNodeset })
    {
      try checkRoom(for: move, domain.statistics)
    }
    for change in call.changes where change.takesMemory {
      switch (policy, change.field.name) {
      case (.never, .currentMemory), (.never, .hardLimit), (.never, .deviceRequested),
        (.never, .deviceState):
        throw Refusal(.shrinkNever, [change.field])
      case (.guarded, .hardLimit): try checkHardLimit(change, domain.statistics)
      case (.guarded, .currentMemory):
        guard case .size(let target)? = change.to else { break }
        try checkGuest(change, live, domain.statistics) { _ in target + live.pluggedTotal }
      case (.guarded, .deviceRequested), (.guarded, .deviceState):
        let taken = live.taken(by: change)
        // Persistent memory is none that the guest holds.
        guard taken > .zero else { break }
        try checkGuest(change, live, domain.statistics) { $0 - taken }
      default: break
      }
    }
  }

  /// Refuses `change` where what it leaves of what the guest has is too little.
  private func checkGuest(
    _ change: Change, _ live: MemoryConfiguration, _ statistics: BalloonStatistics?,
    leaving: (MemorySize) -> MemorySize
  ) throws(Refusal) {
    let period = live.memballoon.statsPeriod?.seconds ?? 0
    guard let actual = statistics?.actual, let usable = statistics?.usable,
      let age = statistics?.ageSeconds, age <= max(3 * period, 30)
    else {
      throw Refusal(.shrinkWithoutStatistics, [change.field])
    }
    let all = actual + live.pluggedTotal
    let held = all - usable
    let least = held + max(MemorySize(bytes: held.bytes / 10), .mebibytes(64))
    let left = leaving(all)
    guard left >= least else {
      throw Refusal(
        .shrinkBelowGuestUse, [change.field],
        detail: "The guest holds \(held.inMebibytes) and would be left with \(left).")
    }
  }

  /// Refuses a move of the guest to nodes that have less free memory than it holds.
  ///
  /// The kernel moves all pages within the call, and kills QEMU where they find no room. How much of
  /// the guest is on nodes that it keeps is unknown, so only a move to others is judged.
  private func checkRoom(
    for change: Change, _ statistics: BalloonStatistics?
  ) throws(Refusal) {
    guard case .nodes(let origin)? = change.from, case .nodes(let target)? = change.to,
      !origin.intersects(target), let resident = statistics?.resident
    else { return }
    let known = freeMemory.enumerated().filter { target.contains(UInt32($0.offset)) }
    let free = known.map(\.element).total
    guard known.count == target.count, free < resident else { return }
    throw Refusal(
      .numatuneTargetFull, [change.field],
      detail: """
        QEMU holds \(resident.inMebibytes), and \(free.inMebibytes) are free on \(target).
        """)
  }

  private func checkHardLimit(
    _ change: Change, _ statistics: BalloonStatistics?
  ) throws(Refusal) {
    guard case .size(let target)? = change.to, let resident = statistics?.resident else { return }
    guard target >= resident + MemorySize(bytes: resident.bytes / 10) else {
      throw Refusal(
        .hardLimitBelowResident, [change.field],
        detail: "QEMU holds \(resident.inMebibytes), and the limit would be \(target).")
    }
  }
}

extension Change {
  /// Whether the change makes a size or limit smaller, `unlimited` being the largest.
  package var takesMemory: Bool {
    switch (from, to) {
    case (.size(let from), .size(let to)): to < from
    case (.unlimited, .size): true
    case (_, ItemState.absent.fieldValue): field.name == .deviceState
    default: false
    }
  }
}

extension MemoryConfiguration {
  /// What `change` of a device takes from what a running guest has.
  fileprivate func taken(by change: Change) -> MemorySize {
    guard let index = device(of: change.field) else { return .zero }
    let device = devices[index]
    if case .size(let target)? = change.to { return (device.plugged ?? .zero) - target }
    return device.model == .dimm ? device.fullSize : device.plugged ?? .zero
  }
}

extension MemorySize {
  /// The amount in whole MiB, for figures that nobody asked for to the byte.
  var inMebibytes: String { "\(bytes >> 20) MiB" }
}
