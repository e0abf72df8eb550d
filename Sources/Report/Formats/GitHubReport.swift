// SPDX-License-Identifier: Apache-2.0

internal import MemoryModel

/// Renders findings as workflow commands, which GitHub shows as annotations of files.
package struct GitHubReport {
  /// GitHub shows at most so many annotations of each severity in a step.
  private static let limit = 10

  private let report: RunReport

  /// Makes a renderer of a run.
  package init(_ report: RunReport) {
    self.report = report
  }

  /// The commands, one a line, and a last line that counts the findings.
  package var bytes: [UInt8] {
    let findings = report.findings
    var text = ""
    var counts: [String] = []
    let severities: [(Diagnostic.Severity, command: String)] = [
      (.error, "error"), (.warning, "warning"), (.note, "notice"),
    ]
    var left = 0
    for (severity, command) in severities {
      let found = findings.filter { $0.severity == severity }
      counts.append(counted(found.count, command))
      let more = max(0, found.count - Self.limit)
      left += more
      for (number, finding) in found.prefix(Self.limit).enumerated() {
        let isLast = number == Self.limit - 1 && more > 0
        let rest: ShownText? = isLast ? "\(counted(more, "more \(command)")) not shown here" : nil
        text += line(finding, command, rest: rest)
      }
    }
    let end: ShownText = left == 0 ? "." : "; \(left) of them are not shown here."
    let summary: ShownText =
      "virtmem \(report.command): \(counts.joined(separator: ", "))" + end + "\n"
    return Array((text + summary.description).utf8)
  }

  private func line(_ finding: Finding, _ command: String, rest: ShownText?) -> String {
    var properties: [String] = []
    if let place = finding.place, let path = report.root.path(of: place.file) {
      let file = ShownText("\(path.text)").description
      properties.append("file=\(Self.escapedProperty(file))")
      properties.append("line=\(place.line)")
      properties.append("col=\(place.column)")
    }
    let title: ShownText = finding.title + " (\(finding.rule))"
    properties.append("title=\(Self.escapedProperty(title.description))")
    let lines = report.lines(of: finding) + [rest].compactMap(\.self)
    let message = lines.map { Self.escaped($0.description) }.joined(separator: "%0A")
    return "::\(command) \(properties.joined(separator: ","))::\(message)\n"
  }

  /// Escapes a message.
  private static func escaped(_ text: String) -> String {
    encoded(text, "%\r\n")
  }

  /// Escapes the value of a property, which `,` and `:` would end.
  private static func escapedProperty(_ text: String) -> String {
    encoded(text, "%\r\n:,")
  }

  /// The text with `%` and a code in the place of some ASCII characters.
  ///
  /// It looks at bytes, because a character that combines with a comma would hide it.
  private static func encoded(_ text: String, _ characters: StaticString) -> String {
    let special = Set(characters.description.utf8)
    let digits = Array("0123456789ABCDEF".utf8)
    let bytes = text.utf8.flatMap { byte in
      special.contains(byte)
        ? [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]] : [byte]
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
