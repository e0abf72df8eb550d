// SPDX-License-Identifier: Apache-2.0

internal import YAML
package import MemoryModel

/// A spelling that virtmem rejects, with the right one.
package struct SpellingMistake: Error, Hashable, Sendable {
  /// The mistake, in one line.
  package let summary: String
  /// The rule for the spelling.
  package let detail: String
  /// The correction.
  package let remedy: String
}

/// Reads sizes as manifests spell them: `8GiB`.
package enum ManifestSize {
  /// The size that `text` spells, rounded up to a whole KiB as libvirt does.
  ///
  /// - Throws: ``SpellingMistake`` if `text` is not a size, is zero without `allowsZero`, or is
  ///   larger than libvirt can hold.
  package static func read(
    _ text: String, allowsZero: Bool = false
  ) throws(SpellingMistake) -> MemorySize {
    let digits = text.utf8.prefix { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
    let name = text.utf8.dropFirst(digits.count)
    guard !digits.isEmpty, let unit = units.first(where: { name.elementsEqual($0.name.utf8) })
    else { throw mistake(in: text, allowsZero: allowsZero) }
    guard allowsZero || digits.contains(where: { $0 != UInt8(ascii: "0") }) else {
      throw zero(text)
    }
    guard let count = UInt64(Substring(digits)) else { throw tooLarge(text) }
    let (bytes, overflow) = count.multipliedReportingOverflow(by: unit.bytes)
    guard !overflow, bytes <= MemorySize.maximum.bytes else { throw tooLarge(text) }
    return .kibibytes(MemorySize(bytes: bytes).kibibytesRoundedUp)
  }

  /// A unit of sizes in manifests.
  struct Unit {
    let name: String
    let bytes: UInt64
    var isDecimal = false
  }

  /// All units: the binary ones from the largest to the smallest, then the decimal ones, then
  /// bytes.
  static let units: [Unit] = [
    Unit(name: "TiB", bytes: 1 << 40), Unit(name: "GiB", bytes: 1 << 30),
    Unit(name: "MiB", bytes: 1 << 20), Unit(name: "KiB", bytes: 1 << 10),
    Unit(name: "TB", bytes: 1_000_000_000_000, isDecimal: true),
    Unit(name: "GB", bytes: 1_000_000_000, isDecimal: true),
    Unit(name: "MB", bytes: 1_000_000, isDecimal: true),
    Unit(name: "KB", bytes: 1000, isDecimal: true),
    Unit(name: "bytes", bytes: 1), Unit(name: "b", bytes: 1),
  ]

  /// The rule for the spelling of sizes, in one sentence.
  static let spelling =
    "A size is a whole number and, with nothing between, KiB, MiB, GiB or TiB (1024 based), "
    + "KB, MB, GB or TB (1000 based), or bytes."

  private static func zero(_ text: String) -> SpellingMistake {
    SpellingMistake(
      summary: "\(Quotation.quoted(text)) is zero", detail: "No domain runs with a size of zero.",
      remedy: "Write a size such as 8GiB, or leave the field out so that it is not managed.")
  }

  private static func tooLarge(_ text: String) -> SpellingMistake {
    SpellingMistake(
      summary: "\(Quotation.quoted(text)) is too large",
      detail: "libvirt counts up to \(MemorySize.maximum.manifestText).",
      remedy: "Write a smaller size; look at the unit.")
  }
}
