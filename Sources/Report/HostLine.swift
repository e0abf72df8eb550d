// SPDX-License-Identifier: Apache-2.0

internal import MemoryModel

extension PlannedHost {
  /// The available memory of the host in one line; nil where it was not observed.
  ///
  /// With `steps`, the line also says how much the plan takes and gives back.
  func memoryLine(steps: Bool) -> ShownText? {
    guard let memory else { return nil }
    var line: ShownText = "host \(name): "
    switch (memory.available, reserve) {
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
    return steps ? "\(line); this plan \(memory.moved)" : line
  }
}

extension HostMemory {
  /// How much the plan moves, such as `takes 3 GiB and gives back 1 GiB`.
  fileprivate var moved: String {
    switch (taken, given) {
    case (.zero, .zero): "takes none and gives none back"
    case (let taken, .zero): "takes \(taken.rounded)"
    case (.zero, let given): "gives back \(given.rounded)"
    case (let taken, let given): "takes \(taken.rounded) and gives back \(given.rounded)"
    }
  }
}

extension MemorySize {
  /// The amount rounded to a tenth of its largest unit, such as `12.4 GiB`.
  fileprivate var rounded: String {
    let units: [(shift: UInt64, name: String)] = [(40, "TiB"), (30, "GiB"), (20, "MiB")]
    guard let unit = units.first(where: { bytes >> $0.shift > 0 }) else { return description }
    let (whole, rest) = (bytes >> unit.shift, bytes & ((1 << unit.shift) - 1))
    let tenths = whole * 10 + (rest * 10 + (1 << (unit.shift - 1))) >> unit.shift
    let fraction = tenths % 10 == 0 ? "" : ".\(tenths % 10)"
    return "\(tenths / 10)\(fraction) \(unit.name)"
  }
}
