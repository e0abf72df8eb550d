// SPDX-License-Identifier: Apache-2.0

internal import YAML
internal import MemoryModel

/// Reads numbers, sets of numbers, and addresses.
extension ManifestDecoder {
  /// The number that `text` spells, from `least` to 4294967295; nil if it spells none.
  mutating func count(
    _ text: String, from least: UInt64, _ path: FieldPath, at place: YAMLPlace
  ) -> UInt64? {
    let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
    if let count = UInt64(text), count >= least, count <= UInt64(UInt32.max),
      text.utf8.allSatisfy(digits.contains)
    {
      return count
    }
    report(
      .invalidValue, at: place, field: path,
      "\(path.shown): \(Quotation.quoted(text)) is no \(least == 0 ? "number" : "count")",
      why: "It takes a whole number from \(least) to \(UInt32.max).",
      remedy: "Write a number such as \(least == 0 ? 0 : 8).")
    return nil
  }

  /// The set of numbers that `text` spells; nil if it spells none.
  ///
  /// A single number is a set too.
  mutating func nodeSet(_ text: String, _ path: FieldPath, at place: YAMLPlace) -> NodeSet? {
    if let nodes = NodeSet(text) { return nodes }
    report(
      .invalidValue, at: place, field: path,
      "\(path.shown): \(Quotation.quoted(text)) is no set of numbers",
      why: "It is numbers below \(NodeSet.limit) and ranges of them with commas between, ^ before "
        + "a number that is taken out again.",
      remedy: "Write a set such as \"0-3,7\".")
    return nil
  }

  /// The guest memory address that `text` spells; nil if it spells none, or zero.
  mutating func address(_ text: String, _ path: FieldPath, at place: YAMLPlace) -> FieldValue? {
    if let address = Address(text), address.bytes > 0 { return address.fieldValue }
    let isZero = Address(text) != nil
    report(
      .invalidValue, at: place, field: path,
      "\(path.shown): \(Quotation.quoted(text)) is no address\(isZero ? " of a device" : "")",
      why: isZero
        ? "To libvirt 0 is no address at all, and it drops it."
        : "It counts bytes from 0, in decimal digits or in hexadecimal ones behind 0x.",
      remedy: isZero
        ? "Take the field out; libvirt then chooses." : "Write an address such as 0x140000000.")
    return nil
  }
}
