// SPDX-License-Identifier: Apache-2.0

/// An exact amount of memory in bytes.
///
/// libvirt counts in KiB: ``kibibytes(_:)`` converts from its unit, ``kibibytesRoundedUp`` to it.
/// Sums stop at ``maximum`` instead of overflowing; a rule refuses definitions that exceed
/// it.
package struct MemorySize: Hashable, Comparable, Sendable {
  /// The amount in bytes.
  package let bytes: UInt64

  /// Zero bytes.
  package static let zero = MemorySize(bytes: 0)

  /// The largest amount that libvirt's calls accept: 9007199254740990 KiB.
  package static let maximum = MemorySize(bytes: 9_007_199_254_740_990 * 1024)

  /// Makes an amount in bytes.
  package init(bytes: UInt64) {
    self.bytes = bytes
  }

  /// Makes an amount in KiB (1024 bytes); at most ``maximum``.
  package static func kibibytes(_ count: UInt64) -> MemorySize {
    let (bytes, overflow) = count.multipliedReportingOverflow(by: 1024)
    return overflow ? maximum : min(MemorySize(bytes: bytes), maximum)
  }

  /// Makes an amount in MiB (1024 KiB); at most ``maximum``.
  package static func mebibytes(_ count: UInt64) -> MemorySize {
    let (kibibytes, overflow) = count.multipliedReportingOverflow(by: 1024)
    return overflow ? maximum : .kibibytes(kibibytes)
  }

  /// Makes an amount in GiB (1024 MiB); at most ``maximum``.
  package static func gibibytes(_ count: UInt64) -> MemorySize {
    let (mebibytes, overflow) = count.multipliedReportingOverflow(by: 1024)
    return overflow ? maximum : .mebibytes(mebibytes)
  }

  /// The amount in KiB, rounded up as libvirt rounds when it parses sizes.
  package var kibibytesRoundedUp: UInt64 {
    bytes / 1024 + (bytes % 1024 == 0 ? 0 : 1)
  }

  /// The smallest multiple of `granularity` that is not less than the amount; at most ``maximum``.
  package func roundedUp(toMultipleOf granularity: MemorySize) -> MemorySize {
    let rest = bytes % granularity.bytes
    return rest == 0 ? self : self + MemorySize(bytes: granularity.bytes - rest)
  }

  /// The largest multiple of `granularity` that is not more than the amount.
  package func roundedDown(toMultipleOf granularity: MemorySize) -> MemorySize {
    MemorySize(bytes: bytes - bytes % granularity.bytes)
  }

  /// Orders amounts from small to large.
  package static func < (left: MemorySize, right: MemorySize) -> Bool {
    left.bytes < right.bytes
  }

  /// The sum, at most ``maximum``.
  package static func + (left: MemorySize, right: MemorySize) -> MemorySize {
    let (sum, overflow) = left.bytes.addingReportingOverflow(right.bytes)
    return overflow ? maximum : min(MemorySize(bytes: sum), maximum)
  }

  /// The difference; zero where `right` is larger.
  package static func - (left: MemorySize, right: MemorySize) -> MemorySize {
    MemorySize(bytes: left.bytes - min(left.bytes, right.bytes))
  }

  /// `count` times the amount, at most ``maximum``.
  package static func * (size: MemorySize, count: UInt64) -> MemorySize {
    let (product, overflow) = size.bytes.multipliedReportingOverflow(by: count)
    return overflow ? maximum : min(MemorySize(bytes: product), maximum)
  }

  private static let units: [(shift: UInt64, name: String)] = [
    (40, "TiB"), (30, "GiB"), (20, "MiB"), (10, "KiB"),
  ]

  /// The amount in the largest unit that is exact: the number and the name of the unit.
  private var inLargestExactUnit: (count: UInt64, unit: String) {
    for unit in Self.units where bytes != 0 && bytes % (1 << unit.shift) == 0 {
      return (bytes >> unit.shift, unit.name)
    }
    return bytes == 0 ? (0, "KiB") : (bytes, "bytes")
  }

  /// The amount in manifest form, in the largest unit that is exact, such as `8GiB`.
  package var manifestText: String {
    let (count, unit) = inLargestExactUnit
    return "\(count)\(unit)"
  }
}

extension MemorySize: CustomStringConvertible {
  /// The amount for people, in the largest unit that is exact, such as `8 GiB`.
  package var description: String {
    let (count, unit) = inLargestExactUnit
    return String(count) + " " + unit
  }
}

extension [MemorySize] {
  /// The sum of all amounts, at most ``MemorySize/maximum``.
  package var total: MemorySize {
    reduce(.zero, +)
  }
}
