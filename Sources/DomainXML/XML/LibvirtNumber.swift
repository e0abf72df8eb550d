// SPDX-License-Identifier: Apache-2.0

/// Whole numbers as libvirt reads them, which is as C's `strtoull` and `strtol` do.
///
/// Blanks and a `+` may stand before the digits, and nothing behind them.
enum LibvirtNumber {
  /// The digits of `text`; nil where it is no number in the base `radix`.
  ///
  /// In base 16 a `0x` may stand before them.
  static func digits(of text: String, radix: Int = 10) -> Substring? {
    let unsigned = text.utf8.drop(while: isBlank)
    return digits(
      behindSign: unsigned.first == UInt8(ascii: "+") ? unsigned.dropFirst() : unsigned, radix)
  }

  /// The number that `text` is in the base `radix`; nil where it is none, or one too large.
  static func unsigned<Number: FixedWidthInteger & UnsignedInteger>(
    _ text: String, radix: Int = 10
  ) -> Number? {
    digits(of: text, radix: radix).flatMap { Number($0, radix: radix) }
  }

  /// The number that `text` is in the base that it tells itself, `0x1f`, `037` or `31`; nil where it
  /// is none, or one too large.
  static func signed(_ text: String) -> Int32? {
    var rest = text.utf8.drop(while: isBlank)
    let sign = rest.first
    if sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") { rest.removeFirst() }
    let isHexadecimal = rest.starts(with: "0x".utf8) || rest.starts(with: "0X".utf8)
    let radix = isHexadecimal ? 16 : rest.first == UInt8(ascii: "0") ? 8 : 10
    guard let digits = digits(behindSign: rest, radix), let value = Int64(digits, radix: radix)
    else { return nil }
    return Int32(exactly: sign == UInt8(ascii: "-") ? -value : value)
  }

  /// `text` without the blanks at its beginning and its end.
  static func trimmed(_ text: String) -> Substring {
    var rest = text.utf8.drop(while: isBlank)
    while let last = rest.last, isBlank(last) { rest.removeLast() }
    return Substring(rest)
  }

  private static func digits(behindSign text: Substring.UTF8View, _ radix: Int) -> Substring? {
    let hasPrefix = radix == 16 && (text.starts(with: "0x".utf8) || text.starts(with: "0X".utf8))
    let digits = hasPrefix ? text.dropFirst(2) : text
    let areDigits = digits.allSatisfy { byte in
      Character(Unicode.Scalar(byte)).hexDigitValue.map { $0 < radix } ?? false
    }
    return areDigits && !digits.isEmpty ? Substring(digits) : nil
  }

  /// C's `isspace`.
  private static func isBlank(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: " ") || (0x09...0x0D).contains(byte)
  }
}
