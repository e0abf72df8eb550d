// SPDX-License-Identifier: Apache-2.0

extension String {
  /// Two lower-case hexadecimal digits for each of `bytes`, with a dash before the bytes at
  /// `dashes`.
  package init(hexadecimal bytes: Span<UInt8>, dashes: [Int] = []) {
    self = unsafe String(unsafeUninitializedCapacity: bytes.count * 2 + dashes.count) { text in
      var end = 0
      func append(_ character: UInt8) {
        unsafe text.initializeElement(at: end, to: character)
        end += 1
      }
      func append(digit: UInt8) {
        append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
      }
      for index in bytes.indices {
        if dashes.contains(index) { append(UInt8(ascii: "-")) }
        append(digit: bytes[index] >> 4)
        append(digit: bytes[index] & 0xF)
      }
      return end
    }
  }
}
