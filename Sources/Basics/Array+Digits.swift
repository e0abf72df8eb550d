// SPDX-License-Identifier: Apache-2.0

extension [UInt8] {
  /// Appends the decimal digits of `number`.
  ///
  /// The plan of a large fleet has tens of thousands of numbers, so this makes no string of each.
  package mutating func append(digitsOf number: UInt64) {
    // The largest number has twenty digits.
    var digits = InlineArray<20, UInt8>(repeating: 0)
    var start = digits.count
    var rest = number
    repeat {
      start -= 1
      digits[start] = UInt8(ascii: "0") + UInt8(rest % 10)
      rest /= 10
    } while rest > 0
    append(addingCapacity: digits.count - start) { bytes in
      for index in start..<digits.count { bytes.append(digits[index]) }
    }
  }
}
