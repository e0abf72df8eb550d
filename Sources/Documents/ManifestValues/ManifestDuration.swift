// SPDX-License-Identifier: Apache-2.0

internal import YAML
internal import MemoryModel

/// Reads durations as manifests spell them: `10s`, `5m`, `1h`.
package enum ManifestDuration {
  /// The longest duration in seconds, which equals libvirt's longest statistics period.
  package static let maximum = StatisticsPeriod.maximum

  /// The number of seconds that `text` spells.
  ///
  /// - Throws: ``SpellingMistake`` if `text` is not a duration or is longer than ``maximum``.
  package static func readSeconds(_ text: String) throws(SpellingMistake) -> UInt64 {
    guard let letter = text.last, let scale = scales[String(letter)] else {
      throw mistake(in: text)
    }
    let digits = text.dropLast()
    guard !digits.isEmpty, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
      throw mistake(in: text)
    }
    let product = UInt64(digits)?.multipliedReportingOverflow(by: scale)
    guard let product, !product.overflow, product.partialValue <= maximum else {
      throw SpellingMistake(
        summary: "\(Quotation.quoted(text)) is too long",
        detail: "The longest duration is \(maximum)s, about 68 years.",
        remedy: "Write a shorter one; look at the unit.")
    }
    return product.partialValue
  }

  private static let scales: [String: UInt64] = ["s": 1, "m": 60, "h": 3600]

  private static let spelling =
    "A duration is a whole number and, with nothing between, s, m or h."

  private static func mistake(in text: String) -> SpellingMistake {
    let quoted = Quotation.quoted(text)
    if text.hasPrefix("-") {
      return SpellingMistake(
        summary: "\(quoted) is negative", detail: spelling, remedy: "Write one such as 10s.")
    }
    let compact = text.lowercased().filter { !$0.isWhitespace }
    let number = compact.prefix { $0.isASCII && $0.isNumber }
    let unit = String(compact.dropFirst(number.count))
    guard let count = UInt64(number) else {
      return SpellingMistake(
        summary: "\(quoted) is not a duration", detail: spelling, remedy: "Write one such as 10s.")
    }
    if unit.isEmpty {
      return SpellingMistake(
        summary: "\(quoted) has no unit", detail: spelling,
        remedy: "Add the unit: \(count)s, \(count)m or \(count)h.")
    }
    return SpellingMistake(
      summary: "\(quoted) is not how a duration is spelled", detail: spelling,
      remedy: suggestion(count, unit).map { "Write \($0)." }
        ?? "Write whole seconds, minutes or hours, such as 90s for a minute and a half.")
  }

  private static func suggestion(_ count: UInt64, _ unit: String) -> String? {
    switch unit {
    case "s", "sec", "secs", "second", "seconds": "\(count)s"
    case "m", "min", "mins", "minute", "minutes": "\(count)m"
    case "h", "hr", "hrs", "hour", "hours": "\(count)h"
    case "d", "day", "days": count <= maximum / 86400 ? "\(count * 24)h" : nil
    default: nil
    }
  }
}
