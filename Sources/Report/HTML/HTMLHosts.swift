// SPDX-License-Identifier: Apache-2.0

internal import MemoryModel

/// The sections of the hosts on the page.
///
/// What is worst gets room first.
struct HTMLHosts {
  private struct Key: Hashable {
    let host: Int
    let entry: Int
  }

  private struct Name: Hashable {
    let host: String?
    let domain: String
  }

  private let report: RunReport
  private let plan: Plan
  private let parts: [HostSection]
  private let domains: [String?: [ReportedDomain]]
  private var results: [Name: DomainResult.Status] = [:]

  init(of report: RunReport, _ plan: Plan) {
    self.report = report
    self.plan = plan
    parts = HostSection.sections(of: plan, style: Style(), detail: report.detail)
    let reported = report.domains
    domains = Dictionary(grouping: reported) { $0.plan.host }
    for domain in reported where !domain.plan.steps.isEmpty {
      let name = Name(host: domain.plan.host, domain: domain.plan.name)
      results[name] = domain.result?.status
    }
  }

  /// Links to the sections; empty if there is one.
  var navigation: HTML {
    guard parts.count > 1 else { return "" }
    let links = parts.enumerated().map { index, part -> HTML in
      let counts = part.host.map { report.verdictCounts(of: domains[$0.name] ?? []) } ?? ""
      let silence: HTML = part.host?.isSilent == true ? "<strong>not observed</strong> " : ""
      return "<li><a href=\"#host-\(index + 1)\">\(name(of: part))</a> \(silence)\(counts)</li>\n"
    }
    return """
      <nav aria-labelledby="hosts">
      <h2 id="hosts">\(counted(parts.count, "host"))</h2>
      <ul>
      \(links.joined())</ul>
      </nav>

      """
  }

  /// The sections in at most `room` bytes, but for the names of hosts and domains.
  ///
  /// Pictures and steps have a third of the room, so that they go before the changes do.
  func html(in room: Int) -> HTML {
    var room = room
    let roomOfLines = room - room / 3
    var shown: [Key: HTML] = [:]
    var drawn: Set<Key> = []
    for key in order {
      let isWhole = room > roomOfLines
      let entry = parts[key.host].entries[key.entry]
      let html = HTMLEntry(
        entry: entry, report: report, outcome: outcome(of: entry), isWhole: isWhole
      ).html
      guard html.size <= room else { continue }
      room -= html.size
      shown[key] = html
      if isWhole { drawn.insert(key) }
    }
    var sections: HTML = ""
    for index in parts.indices { sections += section(index, shown, drawn, &room) }
    return sections
  }

  /// The entries of all hosts, the worst first.
  private var order: [Key] {
    let verdicts: [Verdict] = [
      .blocked, .unobserved, .change, .pendingRestart, .suspended, .inSync,
    ]
    var keys: [Verdict: [Key]] = [:]
    for (host, part) in parts.enumerated() {
      for (number, entry) in part.entries.enumerated() {
        keys[entry.domain.verdict, default: []].append(Key(host: host, entry: number))
      }
    }
    return verdicts.flatMap { keys[$0] ?? [] }
  }

  private func section(
    _ index: Int, _ shown: [Key: HTML], _ drawn: Set<Key>, _ room: inout Int
  ) -> HTML {
    let part = parts[index]
    let keys = order(of: part).map { Key(host: index, entry: $0) }
    func count(_ keys: [Key]) -> Int {
      keys.reduce(0) { $0 + part.entries[$1.entry].members.count }
    }
    let left = count(keys.filter { shown[$0] == nil })
    let undrawn = count(keys.filter { shown[$0] != nil && !drawn.contains($0) })
    let facts = part.facts.map { "<li>\($0)</li>\n" as HTML }.joined()
    let memory = part.host.map { HostBars(of: $0, in: Comparison(of: report)).html } ?? ""
    let unknown: HTML =
      part.unknown.isEmpty
      ? ""
      : """
      <p><span class="badge unobserved">unobserved</span> \
      \(counted(part.unknown.count, "domain")) unknown: \
      \(NameList(part.unknown).list.cut(to: 20_000))</p>

      """
    return """
      <section class="host" id="host-\(index + 1)">
      <h2>\(name(of: part))</h2>
      <ul class="facts">
      \(facts)</ul>
      \(memory)\(unknown)\(keys.compactMap { shown[$0] }.joined())\
      \(omission(undrawn, "pictures"))\(omission(left, "changes"))\
      \(quiet(part, &room))</section>

      """
  }

  /// The numbers of a host's entries, the worst first.
  private func order(of part: HostSection) -> [Int] {
    // A section has the better verdicts first.
    let numbers = Dictionary(grouping: part.entries.indices) { part.entries[$0].domain.verdict }
    let verdicts: [Verdict] = [
      .unobserved, .blocked, .change, .pendingRestart, .suspended, .inSync,
    ]
    return verdicts.flatMap { numbers[$0] ?? [] }
  }

  private func omission(_ count: Int, _ what: String) -> HTML {
    guard count > 0 else { return "" }
    return """
      <p class="note">The \(what) of \(counted(count, "domain")) have no room on this page. \
      <code>virtmem show</code> of the run's document prints them.</p>

      """
  }

  /// The domains that need nothing, folded.
  private func quiet(_ part: HostSection, _ room: inout Int) -> HTML {
    guard !part.quiet.isEmpty else { return "" }
    let names = NameList(part.quiet.map(\.name)).list.cut(to: 20_000)
    let html: HTML = """
      <details><summary>\(counted(part.quiet.count, "domain")) in sync</summary>
      <p class="who">\(names)</p>
      \(GuestPictures(of: part.quiet, in: Comparison(of: report)).html(limit: 10))</details>

      """
    guard html.size <= room else {
      return "<p class=\"note\">\(counted(part.quiet.count, "domain")) in sync, not drawn.</p>\n"
    }
    room -= html.size
    return html
  }

  private func name(of part: HostSection) -> HTML {
    part.host.map { "\($0.shownName)" } ?? "\(HostSection.unknownName)"
  }

  private func outcome(of entry: DomainEntry) -> Outcome? {
    Outcome(
      of: entry.members.compactMap { results[Name(host: $0.host, domain: $0.name)] })
  }
}
