// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import DomainXML

@Suite struct ScaledSizeTests {
  @Test(
    "the reader rounds sizes up to KiB as libvirt does",
    arguments: [
      ("0", nil, 0),
      ("1", nil, 1),
      ("+1", nil, 1),
      (" 8", "GiB", 8_388_608),
      ("\n\t +8", nil, 8),
      ("0008", nil, 8),
      ("000000000000000000000000000008", nil, 8),
      ("1", "b", 1),
      ("1024", "bytes", 1),
      ("1025", "Byte", 2),
      ("67108865", "BYTES", 65537),
      ("3", "k", 3),
      ("3", "KiB", 3),
      ("3", "kib", 3),
      ("1024", "kB", 1000),
      ("3", "KB", 3),
      ("70", "MB", 68360),
      ("5", "M", 5120),
      ("5", "mIb", 5120),
      ("2", "G", 2_097_152),
      ("2", "gb", 1_953_125),
      ("1", "T", 1_073_741_824),
      ("1", "PiB", 1_099_511_627_776),
      ("7", "E", 7_881_299_347_898_368),
      ("9", "EB", 8_789_062_500_000_000),
      ("9007199254740991", nil, 9_007_199_254_740_991),
      ("9223372036854774784", "b", 9_007_199_254_740_991),
    ] as [(String, String?, UInt64)])
  func size(digits: String, unit: String?, kibibytes: UInt64) throws {
    #expect(try ScaledSize.kibibytes(digits, unit: unit) == kibibytes)
  }

  @Test(
    "the reader refuses with a reason what libvirt doesn't read as a size",
    arguments: [
      ("", nil, .notANumber),
      ("+", nil, .notANumber),
      ("-5", nil, .notANumber),
      ("-0", nil, .notANumber),
      ("+-5", nil, .notANumber),
      ("++5", nil, .notANumber),
      (" ", nil, .notANumber),
      ("+ 5", nil, .notANumber),
      (" -5", nil, .notANumber),
      ("\u{A0}5", nil, .notANumber),
      ("5 ", nil, .notANumber),
      ("5\n", nil, .notANumber),
      ("0.5", nil, .notANumber),
      ("0x40", nil, .notANumber),
      ("8GiB", nil, .notANumber),
      ("٨", nil, .notANumber),
      ("8", "GG", .unknownUnit),
      ("8", "iB", .unknownUnit),
      ("8", "Gib ", .unknownUnit),
      ("8", "bits", .unknownUnit),
      ("8", "GiByte", .unknownUnit),
      ("9007199254740992", nil, .tooLarge),
      ("9223372036854774785", "b", .tooLarge),
      ("8", "EiB", .tooLarge),
      ("16", "E", .tooLarge),
      ("18446744073709551616", "b", .tooLarge),
      ("+99999999999999999999999999", nil, .tooLarge),
    ] as [(String, String?, ScaledSize.Failure)])
  func refusal(digits: String, unit: String?, failure: ScaledSize.Failure) {
    #expect(throws: failure) { try ScaledSize.kibibytes(digits, unit: unit) }
  }
}
