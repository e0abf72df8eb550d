// SPDX-License-Identifier: Apache-2.0

/// Reads sizes as libvirt's `virScaleInteger` does: a number as in C, and a unit in any case.
enum ScaledSize {
  /// The reason why a text is not a size.
  enum Failure: Error {
    /// The text is not decimal digits, optionally after blanks and a `+`.
    case notANumber
    /// libvirt does not know the unit.
    case unknownUnit
    /// The size is larger than ``ScaledSize/mostKibibytes``.
    case tooLarge
  }

  /// The largest size that libvirt holds, in KiB.
  ///
  /// As a limit it means no limit: `VIR_DOMAIN_MEMORY_PARAM_UNLIMITED`.
  static let mostKibibytes: UInt64 = 9_007_199_254_740_991

  /// The size of `digits` times `unit` (nil means KiB), in KiB, rounded up.
  static func kibibytes(_ digits: String, unit: String?) throws(Failure) -> UInt64 {
    let count = try value(of: digits)
    let (bytes, overflow) = count.multipliedReportingOverflow(by: try multiplier(of: unit))
    guard !overflow, bytes <= mostKibibytes * 1024 else { throw .tooLarge }
    return bytes / 1024 + (bytes % 1024 == 0 ? 0 : 1)
  }

  private static func value(of digits: String) throws(Failure) -> UInt64 {
    // Most texts are only digits, which UInt64 reads fast; it also accepts a sign.
    if let value = UInt64(digits), digits.utf8.first != UInt8(ascii: "-") { return value }
    guard let digits = LibvirtNumber.digits(of: digits) else { throw .notANumber }
    guard let value = UInt64(digits) else { throw .tooLarge }
    return value
  }

  private static func multiplier(of unit: String?) throws(Failure) -> UInt64 {
    guard let unit, unit != "KiB" else { return 1024 }
    let letters = unit.lowercased()
    if ["b", "byte", "bytes"].contains(letters) { return 1 }
    guard let first = letters.first, let power = Array("kmgtpe").firstIndex(of: first) else {
      throw .unknownUnit
    }
    let base: UInt64
    switch letters.dropFirst() {
    case "", "ib": base = 1024
    case "b": base = 1000
    default: throw .unknownUnit
    }
    return (0...power).reduce(1) { product, _ in product * base }
  }
}
