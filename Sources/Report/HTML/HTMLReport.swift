// SPDX-License-Identifier: Apache-2.0

internal import MemoryModel

/// Renders a run as one page of HTML, which needs no other file and has no script.
package struct HTMLReport {
  /// The most bytes of the details, which have no room in larger fleets.
  private static let limit = 2_500_000
  /// The most bytes of the decisions.
  private static let limitOfDecisions = 200_000
  /// The most characters of a text that is shown as a whole.
  private static let limitOfText = 300_000

  private let report: RunReport

  /// Makes a renderer of a run.
  package init(_ report: RunReport) {
    self.report = report
  }

  /// The page.
  package var bytes: [UInt8] {
    let hosts = report.plan.map { HTMLHosts(of: report, $0) }
    let page: HTML = """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta http-equiv="Content-Security-Policy" \
      content="default-src 'none'; style-src 'unsafe-inline'">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta name="color-scheme" content="light dark">
      <title>\(title): \(report.statusWords)</title>
      <style>
      \(HTMLStyle.sheet)</style>
      </head>
      <body>
      \(HTMLStyle.patterns)\(header)<main>
      \(decisions)\(done)\(messages)\(hosts?.navigation ?? "")\
      \(hosts?.html(in: Self.limit) ?? "")\(notes)\(legend)</main>
      </body>
      </html>

      """
    return Array(page.text.utf8)
  }

  private var title: ShownText {
    let name: ShownText = report.givenName.map { " \($0)" } ?? ""
    return "virtmem \(report.command)" + name
  }

  private var header: HTML {
    let counts: HTML =
      report.counts.isEmpty ? "" : "<p>\(report.counts.joined(separator: " "))</p>\n"
    let time: HTML = report.time.isEmpty ? "" : "<p class=\"note\">\(report.time)</p>\n"
    return """
      <header class="status-\(report.status)">
      <h1>\(title): <strong>\(report.statusWords)</strong></h1>
      \(counts)\(time)</header>

      """
  }

  // MARK: - Decisions

  private var decisions: HTML {
    let rows = Decisions(of: report).rows
    guard !rows.isEmpty else { return "" }
    var lines: HTML = ""
    for (number, row) in rows.enumerated() {
      let line = Self.line(row)
      guard lines.size + line.size <= Self.limitOfDecisions else {
        lines += "<tr><td colspan=\"3\">and \(rows.count - number) more</td></tr>\n"
        break
      }
      lines += line
    }
    return """
      <section aria-labelledby="decisions">
      <h2 id="decisions">What needs a decision</h2>
      <table>
      <thead><tr><th scope="col">why</th><th scope="col">what</th><th scope="col">where</th></tr>\
      </thead>
      <tbody>
      \(lines)</tbody>
      </table>
      </section>

      """
  }

  private static func line(_ row: Decisions.Row) -> HTML {
    let rule: HTML = row.rule.map { " <code>\($0.name)</code>" } ?? ""
    let field: HTML = row.field.map { "<code>\($0)</code> " } ?? ""
    let names: HTML =
      row.domains.count > 10
      ? """
      <details><summary>\(counted(row.domains.count, "domain"))</summary>\
      \(NameList(row.domains).list.cut(to: 5_000))</details>
      """
      : row.domains.map { "<code>\($0)</code>" as HTML }.joined(separator: ", ")
    let style = row.rule == nil ? "change" : row.subject == "unobserved" ? "unobserved" : "blocked"
    return """
      <tr><td><span class="badge \(style)">\(row.subject)</span>\(rule)</td>\
      <td>\(field)\(row.what.cut(to: 1_000))</td><td>\(names)</td></tr>

      """
  }

  // MARK: - Texts

  private var done: HTML {
    guard let applied = report.applied, applied.plan.stepCount > 0 else { return "" }
    return text("What was done", ApplyText().text(applied))
  }

  private var messages: HTML {
    guard case .diagnostics(let diagnostics) = report.result, !diagnostics.isEmpty else {
      return ""
    }
    return text("Messages", DiagnosticReport().text(diagnostics))
  }

  private var notes: HTML {
    guard let plan = report.plan else { return "" }
    let notes = PlanNotes(of: plan).text(style: Style(), detail: report.detail)
    return notes.isEmpty ? "" : text("\(PlanNotes.title)", notes)
  }

  private func text(_ title: ShownText, _ text: ShownText) -> HTML {
    """
    <section>
    <h2>\(title)</h2>
    <pre>\(text.cut(to: Self.limitOfText))</pre>
    </section>

    """
  }

  private var legend: HTML {
    guard let plan = report.plan, !plan.domains.isEmpty else { return "" }
    return """
      <footer>
      <details><summary>How to read the pictures</summary>
      <p>The bars of one host, and those of one guest, have one scale. All amounts stand below \
      their bar too, rounded to a tenth. The page shows what the run's document holds: the fields \
      that the manifests declare, and the host's memory at the moment of the plan, by NUMA node \
      where libvirt tells it. The page cache of a node is not known, so it stands with other use.</p>
      <dl>
      <dt>reserve</dt><dd>what the plan keeps available on the host</dd>
      <dt>RAM</dt><dd>what the guest has of its boot RAM and DIMMs</dd>
      <dt>boot RAM</dt><dd>the RAM at boot, where the plan lacks what the balloon leaves</dd>
      <dt>balloon gap</dt><dd>what the balloon keeps from the guest</dd>
      <dt>virtio-mem requested, free</dt>\
      <dd>what the devices were asked for, and the rest of their sizes</dd>
      <dt>maxMemory</dt><dd>the ceiling of boot RAM and all memory devices</dd>
      <dt>now, before</dt>\
      <dd>the running guest before the steps, or the definition of a guest that does not run</dd>
      <dt>next start</dt><dd>the definition after the steps</dd>
      </dl>
      </details>
      </footer>

      """
  }
}
