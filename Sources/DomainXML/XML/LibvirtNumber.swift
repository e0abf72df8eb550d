// SPDX-License-Identifier: Apache-2.0

/// Reads whole numbers as libvirt does with C's `strtoull` and `strtol`.
///
/// Blanks and a `+` may precede the digits; nothing may follow them.
enum LibvirtNumber {
  /// The digits of `text`; nil if it is not a number in the base `radix`.
  ///
  /// In base 16, `0x` may precede the digits.
  static func digits(of text: String, radix: Int = 10) -> Substring? {
    let unsigned = text.utf8.drop(while: isBlank)
    return digits(
      behindSign: unsigned.first == UInt8(ascii: "+") ? unsigned.dropFirst() : unsigned, radix)
  }

  /// The number in `text` in the base `radix`; nil if `text` is not a number or the number is too
  /// large.
  static func unsigned<Number: FixedWidthInteger & UnsignedInteger>(
    _ text: String, radix: Int = 10
  ) -> Number? {
    digits(of: text, radix: radix).flatMap { Number($0, radix: radix) }
  }

  /// The number in `text`, whose prefix tells the base; nil if it is not a number or too large.
  ///
  /// As in C, `0x1f`, `037` and `31` mean the same.
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

  /// `text` without blanks at its beginning and its end.
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

  /// Whether C's `isspace` accepts the byte.
  private static func isBlank(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: " ") || (0x09...0x0D).contains(byte)
  }
}
