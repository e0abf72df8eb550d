// SPDX-License-Identifier: Apache-2.0

internal import YAML
internal import MemoryModel

/// Explains invalid sizes, and suggests the size that the user probably meant.
extension ManifestSize {
  /// A number followed by the text that stands in place of the unit.
  private struct Attempt {
    var mantissa: UInt64 = 0
    var decimalPlaces = 0
    var isPlainDecimal = true
    var unit = ""
  }

  /// The mistake in `text`, which is not a valid size, with the probably intended size.
  static func mistake(in text: String, allowsZero: Bool = false) -> SpellingMistake {
    let quoted = Quotation.quoted(text)
    if text.hasPrefix("-") {
      return SpellingMistake(
        summary: "\(quoted) is negative", detail: spelling, remedy: "Write a size such as 8GiB.")
    }
    guard let attempt = attempt(text) else {
      return SpellingMistake(
        summary: "\(quoted) is not a size", detail: spelling, remedy: "Write a size such as 8GiB.")
    }
    if attempt.unit.isEmpty {
      return SpellingMistake(
        summary: "\(quoted) has no unit", detail: spelling,
        remedy: allowsZero && attempt.mantissa == 0
          ? "Write 0KiB." : remedyOfBareNumber(attempt))
    }
    let meant = meanings(of: attempt.unit)
    guard !meant.isEmpty else {
      return SpellingMistake(
        summary: "\(quoted) has the unknown unit \(Quotation.quoted(attempt.unit))",
        detail: spelling, remedy: "Write a size such as 8GiB.")
    }
    return SpellingMistake(
      summary: "\(quoted) is not how a size is spelled", detail: reason(attempt, text, meant),
      remedy: remedy(attempt, meant))
  }

  private static func attempt(_ text: String) -> Attempt? {
    let blank = { (character: Character) in character == " " || character == "\t" }
    var rest = text.drop(while: blank)
    if rest.first == "+" { rest.removeFirst() }
    var attempt = Attempt()
    if let radix = ["0x": 16, "0X": 16, "0o": 8, "0b": 2][String(rest.prefix(2))] {
      let digits = rest.dropFirst(2).prefix { $0.hexDigitValue.map { $0 < radix } ?? false }
      // A prefix without digits is not a number; `read` already accepts `0b` as zero bytes.
      guard let value = UInt64(digits, radix: radix) else { return nil }
      attempt.mantissa = value
      attempt.isPlainDecimal = false
      rest = rest.dropFirst(2 + digits.count)
    } else {
      let number = rest.prefix { $0.isASCII && $0.isNumber || "._,".contains($0) }
      let parts = number.filter { $0 != "_" && $0 != "," }
        .split(separator: ".", omittingEmptySubsequences: false)
      guard parts.count <= 2, let value = UInt64(parts.joined()) else { return nil }
      attempt.mantissa = value
      attempt.decimalPlaces = parts.count == 2 ? parts[1].count : 0
      attempt.isPlainDecimal = number.allSatisfy(\.isNumber)
      rest = rest.dropFirst(number.count)
    }
    attempt.unit = String(rest.drop(while: blank).reversed().drop(while: blank).reversed())
    return attempt
  }

  /// The units that `unit` may mean, including units above a terabyte that ``units`` lacks.
  private static func meanings(of unit: String) -> [Unit] {
    if let exact = units.first(where: { $0.name == unit }) { return [exact] }
    let lower = unit.lowercased()
    if ["byte", "bytes", "b"].contains(lower) { return [Unit(name: "bytes", bytes: 1)] }
    guard let letter = lower.first, let power = Array("kmgtpe").firstIndex(of: letter) else {
      return []
    }
    let binary = Unit(name: "\(letter.uppercased())iB", bytes: 1 << (10 * UInt64(power + 1)))
    let thousands = repeatElement(UInt64(1000), count: power + 1).reduce(1, *)
    let decimal = Unit(name: "\(letter.uppercased())B", bytes: thousands, isDecimal: true)
    switch lower.dropFirst() {
    case "i", "ib": return [binary]
    case "", "b": return [binary, decimal]
    default: return []
    }
  }

  private static func reason(_ attempt: Attempt, _ text: String, _ meant: [Unit]) -> String {
    if meant.count > 1 {
      return "\(Quotation.quoted(attempt.unit)) does not say whether it counts by 1024 or "
        + "by 1000. "
        + spelling
    }
    if attempt.decimalPlaces > 0 { return "A size is a whole number of its unit." }
    if text.contains(where: \.isWhitespace) { return "Nothing stands between number and unit." }
    if !attempt.isPlainDecimal { return "The number is written in decimal digits alone." }
    return spelling
  }

  private static func remedy(_ attempt: Attempt, _ meant: [Unit]) -> String {
    guard meant.count > 1 else {
      return meant.first.flatMap { spelled(attempt, $0) }.map { "Write \($0)." }
        ?? "Write a smaller size."
    }
    let choices = meant.compactMap { unit in
      spelled(attempt, unit).map { "\($0) (\(unit.isDecimal ? 1000 : 1024) based)" }
    }
    return choices.isEmpty ? "Write a smaller size." : "Write \(choices.joined(separator: " or "))."
  }

  /// The size in a unit of ``units``, rounded up to KiB if no unit gives a whole number.
  private static func spelled(_ attempt: Attempt, _ unit: Unit) -> String? {
    let isOurs = units.contains { $0.name == unit.name }
    if attempt.decimalPlaces == 0, isOurs { return "\(attempt.mantissa)\(unit.name)" }
    let scale = repeatElement(UInt128(10), count: min(attempt.decimalPlaces, 19)).reduce(1, *)
    let scaled = UInt128(attempt.mantissa) * UInt128(unit.bytes)
    let (bytes, rest) = scaled.quotientAndRemainder(dividingBy: scale)
    guard bytes <= UInt128(MemorySize.maximum.bytes) else { return nil }
    let fitting = units.first {
      rest == 0 && bytes > 0 && $0.isDecimal == unit.isDecimal && $0.bytes > 1
        && bytes % UInt128($0.bytes) == 0
    }
    if let fitting { return "\(bytes / UInt128(fitting.bytes))\(fitting.name)" }
    return "\((bytes + (rest == 0 ? 0 : 1) + 1023) / 1024)KiB"
  }

  private static func remedyOfBareNumber(_ attempt: Attempt) -> String {
    guard attempt.decimalPlaces == 0 else { return "Write a whole number of a unit: 1536MiB." }
    let number = attempt.mantissa
    guard number > 0 else { return "Write a size such as 8GiB." }
    guard number >= 1 << 16 else {
      return "Add the unit: \(number)MiB or \(number)GiB; libvirt itself would read \(number)KiB."
    }
    let inKibibytes = MemorySize.kibibytes(number).manifestText
    return "Add the unit: \(number)KiB, which is \(inKibibytes), is how libvirt itself would read "
      + "it; \(number)bytes if it counts bytes."
  }
}
