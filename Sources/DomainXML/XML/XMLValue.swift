// SPDX-License-Identifier: Apache-2.0
import MemoryModel

// Reads the values in libvirt's XML by the same rules as libvirt.
extension XMLElement {
  /// The size from the element's text and its `unit`; nil if there is no text.
  func size() throws(DomainXMLError) -> MemorySize? {
    guard let text else { return nil }
    return .kibibytes(try kibibytes(text))
  }

  /// The limit from the element's text and its `unit`; nil if there is no text.
  func limit() throws(DomainXMLError) -> Limit? {
    guard let text else { return nil }
    let count = try kibibytes(text)
    return count >= ScaledSize.mostKibibytes ? .unlimited : .size(.kibibytes(count))
  }

  /// The size from the attribute `name` and the element's `unit`; nil if the attribute is missing.
  func size(_ name: StaticString) throws(DomainXMLError) -> MemorySize? {
    guard let text = attribute(name) else { return nil }
    return .kibibytes(try kibibytes(text))
  }

  /// The number in the element's text; nil if there is no text.
  func number() throws(DomainXMLError) -> UInt32? {
    guard let text else { return nil }
    return try number(text)
  }

  /// The large number in the element's text; nil if there is no text.
  func count() throws(DomainXMLError) -> UInt64? {
    guard let text else { return nil }
    guard let count: UInt64 = LibvirtNumber.unsigned(text) else {
      throw error("<\(name.string)> has '\(text)' where a whole number belongs.")
    }
    return count
  }

  /// The number in the attribute `name`; nil if it is missing.
  func number(_ name: StaticString) throws(DomainXMLError) -> UInt32? {
    guard let text = attribute(name) else { return nil }
    return try number(text)
  }

  /// The value of the attribute `name`, `on` or `off`; nil if it is missing.
  func isOn(_ name: StaticString) throws(DomainXMLError) -> Bool? {
    switch attribute(name) {
    case nil: nil
    case "on": true
    case "off": false
    case let word?: throw error("\(name)='\(word)' is neither on nor off. Write one of the two.")
    }
  }

  /// The value of the attribute `name`, `yes` or `no`; nil if it is missing.
  func isYes(_ name: StaticString) throws(DomainXMLError) -> Bool? {
    switch attribute(name) {
    case nil: nil
    case "yes": true
    case "no": false
    case let word?: throw error("\(name)='\(word)' is neither yes nor no. Write one of the two.")
    }
  }

  /// The word of `type` in the attribute `name`; nil if it is missing.
  func word<Word: WordLeaf>(
    _ name: StaticString, as type: Word.Type
  ) throws(DomainXMLError) -> Word? {
    guard let text = attribute(name) else { return nil }
    guard let word = Word(rawValue: text) else {
      let words = Word.allCases.map(\.rawValue).joined(separator: ", ")
      throw error("\(name)='\(text)' of <\(self.name.string)> is none of \(words). Write one.")
    }
    return word
  }

  /// The set of numbers in the attribute `name`; nil if it is missing.
  func nodeSet(_ name: StaticString) throws(DomainXMLError) -> NodeSet? {
    guard let text = attribute(name) else { return nil }
    return try nodeSet(text)
  }

  /// The set of numbers in the element's text; nil if there is no text.
  func nodeSet() throws(DomainXMLError) -> NodeSet? {
    guard let text else { return nil }
    return try nodeSet(text)
  }

  /// The memory address in the attribute `name`; nil if it is missing or zero, which libvirt treats
  /// alike.
  ///
  /// The address is hexadecimal, with or without `0x`.
  func address(_ name: StaticString) throws(DomainXMLError) -> Address? {
    guard let text = attribute(name) else { return nil }
    guard let bytes: UInt64 = LibvirtNumber.unsigned(text, radix: 16) else {
      throw error("\(name)='\(text)' is no address. Write one such as 0x140000000.")
    }
    return bytes == 0 ? nil : Address(bytes: bytes)
  }

  private func nodeSet(_ text: String) throws(DomainXMLError) -> NodeSet {
    guard let nodes = NodeSet(text) ?? NodeSet(Self.tidied(text)) else {
      throw error("'\(text)' of <\(name.string)> is no set of numbers. Write one such as 0-3,7.")
    }
    return nodes
  }

  /// A set's text without blanks around its numbers and a comma at its end, which libvirt accepts.
  private static func tidied(_ text: String) -> String {
    let list = LibvirtNumber.trimmed(text)
    return (list.last == "," ? list.dropLast() : list)
      .split(separator: ",", omittingEmptySubsequences: false).map { part in
        part.split(separator: "-", omittingEmptySubsequences: false)
          .map { String(LibvirtNumber.trimmed(String($0))) }.joined(separator: "-")
      }.joined(separator: ",")
  }

  /// The UUID in the element's text, in lower case and with dashes; nil if there is no text.
  ///
  /// `virUUIDParse` accepts dashes and blanks before any pair of digits, and blanks at the end.
  func uuid() throws(DomainXMLError) -> String? {
    guard let text else { return nil }
    let dash = UInt8(ascii: "-")
    let trimmed = LibvirtNumber.trimmed(text)
    var bytes: [UInt8] = []
    bytes.reserveCapacity(36)
    var hasHalf = false
    for byte in trimmed.utf8 {
      if (byte == dash || byte == UInt8(ascii: " ")) && !hasHalf && bytes.count < 36 { continue }
      guard let digit = Self.hexadecimalDigit(byte), bytes.count < 36 else {
        throw noUUID(text)
      }
      if !hasHalf && [8, 13, 18, 23].contains(bytes.count) { bytes.append(dash) }
      bytes.append(digit)
      hasHalf.toggle()
    }
    guard bytes.count == 36 else { throw noUUID(text) }
    return String(decoding: bytes, as: UTF8.self)
  }

  private func noUUID(_ text: String) -> DomainXMLError {
    error("'\(text)' is no UUID. Write 32 hexadecimal digits, with dashes between pairs of them.")
  }

  /// The digit in lower case; nil if `byte` is not a hexadecimal digit.
  private static func hexadecimalDigit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"): byte
    case UInt8(ascii: "A")...UInt8(ascii: "F"): byte | 0x20
    default: nil
    }
  }

  private func number(_ text: String) throws(DomainXMLError) -> UInt32 {
    guard let number: UInt32 = LibvirtNumber.unsigned(text) else {
      throw error(
        "<\(name.string)> has '\(text)' where a whole number up to 4294967295 belongs.")
    }
    return number
  }

  private func kibibytes(_ text: String) throws(DomainXMLError) -> UInt64 {
    let unit = attribute("unit")
    do {
      return try ScaledSize.kibibytes(text, unit: unit)
    } catch let failure {
      throw error("<\(name.string)> " + Self.sentence(on: failure, text: text, unit: unit))
    }
  }

  private static func sentence(
    on failure: ScaledSize.Failure, text: String, unit: String?
  ) -> String {
    switch failure {
    case .notANumber:
      "has '\(text)' where a size belongs. "
        + "Write decimal digits with nothing behind them, and their unit as unit='…'."
    case .unknownUnit:
      "has the unknown unit '\(unit ?? "")'. "
        + "Use bytes, KiB, MiB, GiB, TiB, PiB or EiB, or KB, MB, GB, TB, PB or EB."
    case .tooLarge:
      "has '\(text)' \(unit ?? "KiB"), which is more than libvirt holds: 9007199254740991 KiB."
    }
  }
}
