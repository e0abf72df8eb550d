// SPDX-License-Identifier: Apache-2.0

internal import MemoryModel

/// Renders a run as Markdown for the comment of a request or the summary of a step.
package struct MarkdownReport {
  /// The most bytes; GitHub takes comments of 65,536 characters.
  private static let limit = 60_000
  /// The least room that a folded section is worth.
  private static let smallest = 300
  /// The width of the texts in fences, whose lines the readers do not break.
  private static let style = Style(width: 120)

  private let report: RunReport

  /// Makes a renderer of a run.
  package init(_ report: RunReport) {
    self.report = report
  }

  /// The document.
  package var bytes: [UInt8] {
    let table = MarkdownDecisions(of: report).text
    var text = "\(marker)\n\(verdict)\n\(table.isEmpty ? "" : "\n\(table)")"
    var left = Self.limit - text.utf8.count - Self.smallest
    let sections = sections
    var shown: [Int: String] = [:]
    // What differs comes first where not all has room.
    let order =
      sections.indices.filter { !sections[$0].isQuiet }
      + sections.indices.filter {
        sections[$0].isQuiet
      }
    for index in order {
      guard let section = sections[index].text(in: left) else { continue }
      left -= section.utf8.count
      shown[index] = section
    }
    text += sections.indices.compactMap { shown[$0] }.joined()
    let dropped = sections.count - shown.count
    if dropped > 0 {
      text += """

        The details of \(counted(dropped, "section")) have no room here. `virtmem show` of the run's \
        document prints them.

        """
    }
    return Array(text.utf8)
  }

  /// A comment that readers do not see, by which a pipeline finds and replaces its own comment.
  private var marker: String {
    let name = (report.givenName ?? "").utf8.map { byte in
      let isPlain =
        UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte
        || UInt8(ascii: "A")...UInt8(ascii: "Z") ~= byte
        || UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte || "._/".utf8.contains(byte)
      let code = String(byte, radix: 16, uppercase: true)
      return isPlain ? String(UnicodeScalar(byte)) : "%\(byte < 16 ? "0" : "")\(code)"
    }.joined()
    return "<!-- virtmem:\(report.command)\(name.isEmpty ? "" : ":\(name)") -->"
  }

  // MARK: - The verdict

  private var verdict: String {
    let name = report.givenName.map { "\(MarkdownText.code($0)) " } ?? ""
    let title = "**virtmem \(report.command): \(report.statusWords).**"
    return ([name + title] + report.counts).joined(separator: " ")
  }

  // MARK: - Folded sections

  private struct Section {
    /// The line that is always seen, as Markdown.
    let title: String
    /// The text within the fence.
    let content: String
    let language: String
    /// Whether nothing in the section differs.
    let isQuiet: Bool

    /// The section in at most `room` bytes, with the lines that fit; nil if it has no room.
    func text(in room: Int) -> String? {
      let whole = text(content)
      guard whole.utf8.count > room else { return whole }
      let lines = content.split(separator: "\n", omittingEmptySubsequences: false)
      var (kept, size) = (0, text("").utf8.count + 200)
      for line in lines {
        // A run of backticks makes both fences longer.
        size += line.utf8.count + 1 + 2 * line.utf8.count { $0 == UInt8(ascii: "`") }
        guard size <= room else { break }
        kept += 1
      }
      guard kept > 2 else { return nil }
      let start = lines.prefix(kept).joined(separator: "\n")
      return text("\(start)\n… \(lines.count - kept) more lines have no room here\n")
    }

    private func text(_ content: String) -> String {
      let fence = MarkdownText.fenced(content, language)
      return "\n<details><summary>\(title)</summary>\n\n\(fence)\n</details>\n"
    }
  }

  private var sections: [Section] {
    if case .diagnostics(let diagnostics) = report.result {
      return diagnostics.isEmpty
        ? []
        : [
          section("Messages", DiagnosticReport(style: Self.style).text(diagnostics), isQuiet: false)
        ]
    }
    guard let plan = report.plan else { return [] }
    var sections: [Section] = []
    if let applied = report.applied, plan.stepCount > 0 {
      sections.append(
        section("What was done", ApplyText(style: Self.style).text(applied), isQuiet: false))
    }
    return sections + hosts(of: plan) + notes(of: plan)
  }

  private func hosts(of plan: Plan) -> [Section] {
    let parts = HostSection.sections(of: plan, style: Self.style, detail: report.detail)
    let widths = DomainEntry.Widths(of: parts.flatMap(\.entries))
    return parts.map { part in
      Section(
        title: part.host.map { MarkdownText.htmlCode($0.shownName) } ?? HostSection.unknownName,
        content: MarkdownText.marked(part.text(widths)), language: "diff",
        isQuiet: part.entries.isEmpty && part.host?.isSilent == false)
    }
  }

  private func notes(of plan: Plan) -> [Section] {
    let text = PlanNotes(of: plan).text(style: Self.style, detail: report.detail)
    return text.isEmpty ? [] : [section(PlanNotes.title, text, isQuiet: false)]
  }

  private func section(_ title: String, _ text: ShownText, isQuiet: Bool) -> Section {
    // A line that begins with a slash would be a quick action of GitLab.
    Section(title: title, content: MarkdownText.marked(text), language: "", isQuiet: isQuiet)
  }
}
