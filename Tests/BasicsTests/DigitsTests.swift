// SPDX-License-Identifier: Apache-2.0
import Basics
import Testing

@Suite struct DigitsTests {
  @Test(
    "a number is appended as its decimal digits",
    arguments: [0, 9, 10, 4096, 8_589_934_592, .max] as [UInt64])
  func digits(number: UInt64) {
    var bytes = Array("size ".utf8)
    bytes.append(digitsOf: number)
    #expect(String(decoding: bytes, as: UTF8.self) == "size \(number)")
  }
}
