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
