// SPDX-License-Identifier: Apache-2.0

internal import MemoryModel

/// Domains with the same differences on the page: what changes, the pictures, and the steps.
struct HTMLEntry {
  let entry: DomainEntry
  let report: RunReport
  /// What became of the domains; nil for runs without results.
  let outcome: Outcome?
  /// Whether the pictures and the steps are shown.
  let isWhole: Bool

  var html: HTML {
    let verdict = entry.domain.verdict
    let words = outcome?.words ?? report.words(of: verdict)
    let style = outcome.map { $0.isDone ? Verdict.inSync : .blocked } ?? verdict
    let place: HTML = entry.place.isEmpty ? "" : "<span class=\"place\">\(entry.place)</span>\n"
    let state: HTML =
      entry.stateWords == words ? "" : "<span class=\"state\">\(entry.stateWords)</span>\n"
    return """
      <article class="entry">
      <div class="head"><h3>\(entry.name)</h3>
      <span class="badge \(style.rawValue)">\(words)</span>
      \(state)\(place)</div>
      \(lines)\(isWhole ? pictures + steps : "")</article>

      """
  }

  private var lines: HTML {
    guard !entry.lines.isEmpty else { return "" }
    let rows = entry.lines.map { line -> HTML in
      let sign = Sign(line.symbol)
      let field: HTML = line.field.isEmpty ? "" : "<code>\(line.field)</code>\n"
      let values: HTML = line.values.isEmpty ? "" : "<span class=\"values\">\(line.values)</span>\n"
      let remark: HTML = line.remark.isEmpty ? "" : "<span class=\"remark\">\(line.remark)</span>\n"
      let place = entry.shownPlace(line)
      let source: HTML = place.isEmpty ? "" : "<span class=\"place\">\(place)</span>"
      return """
        <li class="\(sign.style)"><span class="sign" role="img" aria-label="\(sign.words)" \
        title="\(sign.words)">\(String(line.symbol))</span>
        \(field)\(values)\(remark)\(source)</li>

        """
    }
    return "<ul class=\"changes\">\n\(rows.joined())</ul>\n"
  }

  private var pictures: HTML {
    guard entry.members.contains(where: { $0.state != nil }) else { return "" }
    let pictures = GuestPictures(of: entry.members, in: Comparison(of: report)).html(limit: 3)
    let headroom: HTML =
      entry.domain.headroom.map { "<p class=\"note\">\(entry.members[0].name) \($0.text).</p>\n" }
      ?? ""
    return pictures + headroom
  }

  private var steps: HTML {
    let steps = entry.domain.steps
    guard !steps.isEmpty else { return "" }
    let rows = steps.map { step -> HTML in
      let needs: HTML = step.needs.isEmpty ? "" : ", after \(step.needs.joined(separator: ", "))"
      return "<li>\(entry.words(of: step))\(needs)</li>\n"
    }
    let each = entry.members.count > 1 ? " each" : ""
    return """
      <details><summary>\(counted(steps.count, "step"))\(each)</summary>
      <ol>
      \(rows.joined())</ol>
      </details>

      """
  }
}

/// What became of the domains of an entry.
struct Outcome {
  /// Such as `1 failed, 2 done`.
  let words: String
  /// Whether all steps are done.
  let isDone: Bool

  /// Counts the ends; nil if there are none.
  init?(of ends: [DomainResult.Status]) {
    guard !ends.isEmpty else { return nil }
    let counts = Dictionary(grouping: ends) { $0 }.mapValues(\.count)
    let all: [(DomainResult.Status, String)] = [
      (.failed, "failed"), (.stale, "stale"), (.skipped, "left"), (.done, "done"),
    ]
    words = all.compactMap { status, word in
      counts[status].map { ends.count == 1 ? word : "\($0) \(word)" }
    }.joined(separator: ", ")
    isDone = ends.allSatisfy { $0 == .done }
  }
}

/// The sign of a row, in words.
private struct Sign {
  let style: HTML
  let words: String

  init(_ symbol: Character) {
    (style, words) =
      switch symbol {
      case "+": ("set", "set or added")
      case "-": ("gone", "taken away")
      case "!": ("stopped", "blocked")
      case "…": ("waits", "waits for a start")
      case "=": ("equal", "in sync")
      case "?": ("unseen", "not seen")
      default: ("changed", "changed")
      }
  }
}
