// SPDX-License-Identifier: Apache-2.0

internal import MemoryModel

extension PlannedHost {
  /// The available memory of the host in one line; nil where the host was not observed.
  ///
  /// With `steps`, the line also says how much stays available during and after the plan.
  func memoryLine(steps: Bool) -> ShownText? {
    guard origin != .definitions, libvirt != nil else { return nil }
    var line: ShownText = "memory: "
    switch (memory?.available, reserve) {
    case (nil, let reserve?):
      line += "available memory unknown, \(reserve.rounded) to be kept in reserve"
    case (nil, nil):
      line += "available memory unknown"
    case (let available?, nil):
      line += "\(available.rounded) available, no reserve"
    case (let available?, let reserve?) where available < reserve:
      line += "\(available.rounded) available, less than the \(reserve.rounded) kept in reserve"
    case (let available?, let reserve?):
      line += "\(available.rounded) available, \(reserve.rounded) of it kept in reserve"
    }
    return steps ? line + (memory?.course ?? "") : line
  }
}

extension HostMemory {
  /// What the plan leaves, such as `; 11 GiB after this plan, never less than 9 GiB on the way`.
  fileprivate var course: ShownText {
    let left = availableAfter == available ? "as much" : availableAfter.rounded
    let after: ShownText = "; \(left) after this plan"
    return leastAvailable < min(available, availableAfter)
      ? "\(after), never less than \(leastAvailable.rounded) on the way" : after
  }
}

extension NodeCourse {
  /// Such as `node 1: 3 GiB free; 1 GiB after this plan`.
  var text: ShownText {
    let place: ShownText = pageSize.map { "node \(node), pages of \($0): " } ?? "node \(node): "
    let line: ShownText = "\(place)\(words(free)) free; \(words(freeAfter)) after this plan"
    guard leastFree < min(free, freeAfter) else { return line }
    return "\(line), never less than \(words(leastFree)) on the way"
  }

  /// An amount of memory, or a number of pages.
  private func words(_ amount: MemorySize) -> String {
    pageSize.map { "\(amount.bytes / max($0.bytes, 1))" } ?? amount.rounded
  }
}

extension MemorySize {
  /// The amount rounded to a tenth of its largest unit, such as `12.4 GiB`.
  var rounded: String {
    let units: [(shift: UInt64, name: String)] = [(40, "TiB"), (30, "GiB"), (20, "MiB")]
    guard let unit = units.first(where: { bytes >> $0.shift > 0 }) else { return description }
    let (whole, rest) = (bytes >> unit.shift, bytes & ((1 << unit.shift) - 1))
    let tenths = whole * 10 + (rest * 10 + (1 << (unit.shift - 1))) >> unit.shift
    let fraction = tenths % 10 == 0 ? "" : ".\(tenths % 10)"
    return "\(tenths / 10)\(fraction) \(unit.name)"
  }
}

extension Headroom {
  /// How far the guest can grow, and what prevents more growth, in one line.
  var text: ShownText {
    let parts = [("balloon", balloon), ("virtio-mem", virtioMem), ("hotplug", hotplug)]
      .filter { $0.1 > .zero }.map { "\($0.0) \($0.1)" }
    let lack = "it has no \(missing.map(\.words).joined(separator: " and no "))"
    let start: ShownText =
      afterStart == .zero ? "" : "; after a restart it can grow by \(afterStart) more"
    guard !parts.isEmpty else {
      return "can't grow live" + (missing.isEmpty ? "" : ": \(lack)") + start
    }
    let growth: ShownText = "can grow live by \(parts.joined(separator: ", "))"
    let supply = host.map { ", for which \($0.words)" as ShownText } ?? ""
    return growth + supply + (missing.isEmpty ? "" : "; for more \(lack)") + start
  }
}

extension Headroom.Supply {
  /// Such as `node 1 of the host has 3 GiB`.
  fileprivate var words: ShownText {
    let place: ShownText =
      switch nodes {
      case nil: "the host has"
      case let nodes? where nodes.count == 1: "node \(nodes) of the host has"
      case let nodes?: "the nodes \(nodes) of the host have"
      }
    let pages: ShownText = pageSize.map { " in free pages of \($0)" } ?? ""
    return "\(place) \(memory.rounded)\(pages)"
  }
}

extension Headroom.Missing {
  /// What is missing, in the words of the message.
  fileprivate var words: String {
    switch self {
    case .balloon: "balloon device"
    case .maxMemory: "maxMemory"
    case .numaCell: "NUMA cell"
    case .slots: "free memory slot"
    case .room: "room below maxMemory"
    case .acpi: "ACPI for DIMMs"
    case .pciSlots: "free PCI slot for virtio devices"
    }
  }
}
