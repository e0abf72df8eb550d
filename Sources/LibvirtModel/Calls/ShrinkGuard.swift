// SPDX-License-Identifier: Apache-2.0

package import MemoryModel

/// Decides whether memory may be taken from a running guest under `policy.shrink`.
///
/// The planner asks it before it plans a step, and the applier asks again right before the call.
package struct ShrinkGuard: Hashable, Sendable {
  /// The domain's shrink policy.
  package let policy: ShrinkPolicy

  /// The host's NUMA nodes; empty if they are unknown.
  package let nodes: [HostNode]

  /// Makes the guard of a policy on a host with these NUMA nodes.
  package init(_ policy: ShrinkPolicy, nodes: [HostNode] = []) {
    self.policy = policy
    self.nodes = nodes
  }

  /// Checks whether `operation` may be performed on `domain` as it is now.
  ///
  /// - Throws: ``Refusal`` with the rule that forbids the operation.
  package func check(_ operation: Operation, on domain: ObservedDomain) throws(Refusal) {
    switch operation {
    case .call(let call): try check(call, on: domain)
    // The call that asked the guest has passed the guard.
    case .wait: break
    }
  }

  /// Checks whether `call` may be made on `domain` as it is now.
  ///
  /// Only calls that take memory from the live plane are guarded: a lower balloon target, a lower
  /// `requested`, a removed device, a lower hardLimit, and a move to host nodes without room for
  /// the guest.
  ///
  /// - Throws: ``Refusal`` with the rule that forbids the call.
  package func check(_ call: Call, on domain: ObservedDomain) throws(Refusal) {
    guard call.plane == .live, let live = domain.live else { return }
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
        // Persistent memory is not RAM of the guest, so its removal takes nothing.
        guard taken > .zero else { break }
        try checkGuest(change, live, domain.statistics) { $0 - taken }
      default: break
      }
    }
  }

  /// Refuses `change` if it would leave the guest less than it holds plus a margin.
  ///
  /// The margin is a tenth, and at least 64 MiB. The change is also refused without recent
  /// statistics: they may be three periods old, or 30 seconds if that is longer.
  private func checkGuest(
    _ change: Change, _ live: MemoryConfiguration, _ statistics: BalloonStatistics?,
    leaving: (MemorySize) -> MemorySize
  ) throws(Refusal) {
    let period = live.memballoon.statsPeriod?.seconds ?? 0
    let limit = max(3 * period, 30)
    guard let actual = statistics?.actual, let usable = statistics?.usable,
      let age = statistics?.ageSeconds, age <= limit
    else {
      let old = statistics?.ageSeconds.flatMap { $0 > limit ? $0 : nil }
      throw Refusal(
        .shrinkWithoutStatistics, [change.field],
        instance: old.map { "the guest's last statistics are \($0) s old" })
    }
    let all = actual + live.pluggedTotal
    let held = all - usable
    let least = held + max(MemorySize(bytes: held.bytes / 10), .mebibytes(64))
    let left = leaving(all)
    guard left >= least else {
      let bound = least.roundedUp(toMultipleOf: .mebibytes(1)) - (all - actual)
      let instance = "the guest holds \(held.inMebibytes) and would be left with \(left)"
      let otherwise = "free memory in the guest, or declare `policy.shrink: allow`."
      guard change.field == .currentMemory else {
        throw Refusal(.shrinkBelowGuestUse, [change.field], instance: instance)
      }
      throw Refusal(
        .shrinkBelowGuestUse, [change.field],
        instance: "\(instance); at least \(bound.manifestText) can be asked for",
        remedy: "Declare a `currentMemory` of at least \(bound.manifestText), \(otherwise)")
    }
  }

  /// Refuses a move of the guest to nodes that have less free memory than QEMU holds.
  ///
  /// The kernel moves all pages during the call, and kills QEMU if it finds no room. How much of
  /// the guest is on nodes that it keeps is unknown, so only a move to entirely other nodes is
  /// judged.
  private func checkRoom(
    for change: Change, _ statistics: BalloonStatistics?
  ) throws(Refusal) {
    guard case .nodes(let origin)? = change.from, case .nodes(let target)? = change.to,
      !origin.intersects(target), let resident = statistics?.resident
    else { return }
    let known = nodes.filter { target.contains($0.number) }.compactMap(\.free)
    let free = known.total
    guard known.count == target.count, free < resident else { return }
    let place = target.count == 1 ? "node \(target) has" : "the nodes \(target) have"
    throw Refusal(
      .numatuneTargetFull, [change.field],
      instance: "QEMU holds \(resident.inMebibytes), and \(place) \(free.inMebibytes) free")
  }

  private func checkHardLimit(
    _ change: Change, _ statistics: BalloonStatistics?
  ) throws(Refusal) {
    guard case .size(let target)? = change.to, let resident = statistics?.resident else { return }
    guard target >= resident + MemorySize(bytes: resident.bytes / 10) else {
      throw Refusal(
        .hardLimitBelowResident, [change.field],
        instance: "QEMU holds \(resident.inMebibytes), above the limit of \(target)")
    }
  }
}

extension MemoryConfiguration {
  /// The memory that `change` of a device takes from the running guest.
  fileprivate func taken(by change: Change) -> MemorySize {
    guard let index = device(of: change.field) else { return .zero }
    let device = devices[index]
    if case .size(let target)? = change.to { return (device.plugged ?? .zero) - target }
    return device.model == .dimm ? device.fullSize : device.plugged ?? .zero
  }
}

extension MemorySize {
  /// The amount in whole MiB, for measured values that need no more precision.
  var inMebibytes: String { "\(bytes >> 20) MiB" }
}
