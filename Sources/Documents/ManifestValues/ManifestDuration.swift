// SPDX-License-Identifier: Apache-2.0

internal import YAML
internal import MemoryModel

/// Reads durations as manifests and options spell them: `10s`, `5m`, `1h`.
package enum ManifestDuration {
  /// The longest duration in seconds, which equals libvirt's longest statistics period.
  package static let maximum = StatisticsPeriod.maximum

  /// The number of seconds that `text` spells; nil if it spells no duration in `range`.
  package static func seconds(_ text: String, in range: ClosedRange<UInt64>) -> UInt64? {
    guard let (digits, scale) = parts(of: text) else { return nil }
    let product = UInt64(digits)?.multipliedReportingOverflow(by: scale)
    guard let product, !product.overflow, range.contains(product.partialValue) else { return nil }
    return product.partialValue
  }

  /// The number of seconds that `text` spells in a manifest.
  ///
  /// - Throws: ``SpellingMistake`` if `text` is not a duration or is longer than ``maximum``.
  package static func readSeconds(_ text: String) throws(SpellingMistake) -> UInt64 {
    if let seconds = seconds(text, in: 0...maximum) { return seconds }
    guard parts(of: text) == nil else {
      throw SpellingMistake(
        summary: "\(Quotation.quoted(text)) is too long",
        detail: "The longest duration is \(maximum)s, about 68 years.",
        remedy: "Write a shorter one; look at the unit.")
    }
    throw mistake(in: text)
  }

  /// The digits and the length of the unit; nil if `text` is not spelled as a duration.
  private static func parts(of text: String) -> (digits: Substring, scale: UInt64)? {
    let scales: [Character: UInt64] = ["s": 1, "m": 60, "h": 3600]
    let digits = text.dropLast()
    guard let unit = text.last, let scale = scales[unit], !digits.isEmpty,
      digits.utf8.allSatisfy({ (0x30...0x39).contains($0) })
    else { return nil }
    return (digits, scale)
  }

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
