// SPDX-License-Identifier: Apache-2.0

internal import Documents
internal import MemoryModel

/// What calls take of a host that has a reserve.
extension JudgedRun {
  /// Checks that virtmem has read the host's memory since the last call to the domain, and that the
  /// call fits, together with those calls whose effects could not show then.
  func checkMemory(of call: Call, at index: Int) throws {
    let event = events[index]
    guard let reserve = document?.plan.hosts.first(where: { $0.name == event.host })?.reserve,
      let taken = taken(by: call, at: index), taken > .zero, !isWithdrawal(call, before: index)
    else { return }
    let last = events[..<index].lastIndex { other in
      guard case .answer = other.kind else { return false }
      return other.host == event.host && other.uuid == event.uuid
    }
    let fits = ((last ?? 0)..<index).contains { number in
      guard case .reading(let figures, let since) = events[number].kind,
        events[number].host == event.host, last.map({ since > first + $0 }) ?? true,
        let available = figures.available
      else { return false }
      return available >= reserve + taken + underWay(at: number, before: index, on: event.host)
    }
    try Law.check(
      fits, "no call takes memory that the host did not have: event \(first + index)", event.host)
  }

  /// What the calls take that were begun before the event `index` and not answered before the
  /// reading `number`.
  private func underWay(at number: Int, before index: Int, on host: String) -> MemorySize {
    let answered = Set(
      events[..<number].compactMap { event in
        if case .answer(let call, _) = event.kind { call } else { nil }
      })
    return events[..<index].indices.compactMap { other -> MemorySize? in
      guard case .call(let call) = events[other].kind, events[other].host == host,
        !answered.contains(first + other), !isWithdrawal(call, before: other)
      else { return nil }
      return taken(by: call, at: other)
    }.total
  }

  /// How much memory a call takes; nil if huge pages may give it, or no guest has it, or devices of
  /// the host pin it already.
  private func taken(by call: Call, at index: Int) -> MemorySize? {
    let event = events[index]
    guard call.plane == .live,
      let live = hosts[event.host]?.domains.first(where: { $0.uuid == event.uuid })?.live,
      live.memoryBacking.hugepages == nil, live.devices.allSatisfy({ $0.pageSize == nil }),
      call.action != .setMemory || !live.surroundings.hasHostDevices
    else { return nil }
    let moved: Change? =
      switch call.action {
      case .setMemory, .updateDevice: call.changes.first
      case .attachDevice: call.changes.first { $0.field.name == .deviceRequested }
      default: nil
      }
    guard case .size(let size)? = moved?.to else { return nil }
    if case .size(let origin)? = moved?.from { return size - origin }
    return size
  }
}
