// SPDX-License-Identifier: Apache-2.0

internal import Basics
internal import YAML
internal import MemoryModel

/// Reads `suspend` of a Host, a Profile or a Domain.
extension ManifestDecoder {
  /// The setting: true, false, or a mapping with `until` and `reason`; nil if `node` is invalid.
  mutating func suspend(_ node: YAMLNode) -> SuspendSetting? {
    guard case .mapping(let entries) = node.content else {
      return boolean(node, named: "suspend", or: "{until: 2026-12-31, reason: text}")
        .map { $0 ? .on(Suspension()) : .off }
    }
    guard !entries.isEmpty else {
      report(
        .emptyValue, at: node.place, "suspend says neither until when nor why",
        remedy: "Write suspend: true, or add until or reason.")
      return nil
    }
    guard let object = object(node, named: "suspend", keys: ["until", "reason"]) else { return nil }
    let until = placed("until", in: object) { $0.day($1, named: "suspend.until") }
    let reason = placed("reason", in: object) {
      $0.string($1, named: "suspend.reason", allowsBrackets: true)
    }
    return .on(Suspension(until: until?.value, reason: reason?.value))
  }

  /// A day of the calendar; nil if `node` is not one.
  private mutating func day(_ node: YAMLNode, named name: String) -> Day? {
    guard let scalar = node.scalar, scalar.kind == .string else {
      reportType(
        of: node, named: name, expected: "a date", remedy: "Write one such as 2026-12-31.")
      return nil
    }
    if let day = Day(scalar.text) { return day }
    report(
      .invalidValue, at: node.place,
      "\(name) can't be \(Quotation.quoted(scalar.text)), which is no date",
      why: "A date is the year, the month and the day, as 2026-12-31, and the day exists.",
      remedy: "Write one such as 2026-12-31.")
    return nil
  }
}
