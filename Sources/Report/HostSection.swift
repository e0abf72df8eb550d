// SPDX-License-Identifier: Apache-2.0

internal import MemoryModel

/// A host and its domains in the report of a plan.
struct HostSection {
  /// The name of the section of the domains that are on no known host.
  static let unknownName = "On no host that was seen"

  /// The host; nil for domains of which it is unknown on which host they are.
  let host: PlannedHost?
  /// Why the host was not observed; nil where it was, or had not to be.
  private let silence: Diagnostic?
  /// The names of the domains that are unknown because the host was not observed.
  let unknown: [String]
  /// The entries of the domains that are shown.
  let entries: [DomainEntry]
  /// The observed domains that are not shown, because nothing has to be done about them.
  let quiet: [DomainPlan]
  /// Whether more than one host has each of the domains.
  private let isOnSeveral: Bool
  private let suspensions: Suspensions
  /// The hosts that were not observed, one of which may have the domains.
  private let silentHosts: [String]
  private let kind: Plan.Kind
  private let style: Style
  private let detail: PlanReport.Detail

  /// The sections of a plan: the observed hosts by name, then the others.
  static func sections(
    of plan: Plan, style: Style, detail: PlanReport.Detail
  ) -> [HostSection] {
    let domains = Dictionary(grouping: plan.domains) { $0.host }
    let suspensions = Suspensions(of: plan)
    let hosts = plan.hosts.filter { !$0.isSilent } + plan.hosts.filter(\.isSilent)
    let named = hosts.map { host in
      HostSection(
        host, domains[host.name] ?? [], of: plan, suspensions, style: style, detail: detail)
    }
    let known = Set(plan.hosts.map { Optional($0.name) })
    let rest = plan.domains.filter { !known.contains($0.host) }
    let kinds: [(DomainPlan) -> Bool] = [
      { $0.verdict != .unobserved && !$0.isOnSeveralHosts }, \.isOnSeveralHosts,
      { $0.verdict == .unobserved },
    ]
    return named
      + kinds.map { rest.filter($0) }.filter { !$0.isEmpty }.map { domains in
        HostSection(nil, domains, of: plan, suspensions, style: style, detail: detail)
      }
  }

  private init(
    _ host: PlannedHost?, _ domains: [DomainPlan], of plan: Plan, _ suspensions: Suspensions,
    style: Style, detail: PlanReport.Detail
  ) {
    self.host = host
    self.suspensions = suspensions
    self.style = style
    self.detail = detail
    kind = plan.kind
    isOnSeveral = domains.allSatisfy(\.isOnSeveralHosts)
    silentHosts =
      domains.allSatisfy { $0.verdict == .unobserved }
      ? plan.hosts.filter(\.isSilent).map(\.shownName) : []
    silence = host.flatMap { host in
      plan.diagnostics.first { $0.rule.meaning == .hostUnobserved && $0.host == host.name }
    }
    let isSilent = host?.isSilent == true
    unknown = isSilent ? domains.map(\.name) : []
    let shown = domains.filter { detail == .everything || !isSilent && Self.isWorthShowing($0) }
    quiet = detail == .everything || isSilent ? [] : domains.filter { !Self.isWorthShowing($0) }
    entries = Likeness.groups(of: shown, suspensions, detail).map { members in
      DomainEntry(
        members, of: plan.kind, suspension: members.first.flatMap(suspensions.words), style: style,
        detail: detail)
    }
  }

  private static func isWorthShowing(_ domain: DomainPlan) -> Bool {
    domain.verdict != .inSync || !domain.steps.isEmpty
  }

  func text(_ widths: DomainEntry.Widths) -> ShownText {
    var lines = title.wrapped(to: style.width, indent: 2).map { style.paint($0, .bold) }
    if !unknown.isEmpty {
      let names: ShownText =
        "\(counted(unknown.count, "domain")) unknown: \(NameList(unknown).list)"
      lines += names.wrapped(to: style.width, from: 2, indent: 4).enumerated().map {
        $0.offset == 0 ? "  " + $0.element : $0.element
      }
    }
    if detail == .everything, let memory = host?.memoryLine(steps: kind != .drift) {
      let courses = kind == .drift ? [] : host?.memory?.courses.map(\.text) ?? []
      for line in ["  " + memory] + courses.map({ "    " + $0 }) {
        lines += line.wrapped(to: style.width, indent: 6).map { style.paint($0, .dim) }
      }
    }
    return lines.map { "\($0)\n" }.joined() + entries.map { $0.text(widths) }.joined()
  }

  /// Such as `hv01  qemu+tls://hv01.example.net/system  libvirt 9.0.0, QEMU 7.2.22`.
  private var title: ShownText {
    let name =
      host?.name == DesiredHost.implicitName ? nil : host.map { "\($0.name)" } as ShownText?
    return ([name].compactMap(\.self) + facts).joined(separator: "  ")
  }

  /// What the title says besides the host's name: the connection, why the host was not observed,
  /// and the versions.
  var facts: [ShownText] {
    guard let host else {
      if isOnSeveral { return ["on several hosts"] }
      guard !silentHosts.isEmpty else { return ["on no host that was seen"] }
      return ["on no host that was seen; not observed: \(NameList(silentHosts).start)"]
    }
    var parts: [ShownText] = [host.connection]
    if host.isSuspended {
      let words = suspensions.words(of: host).map { "\($0); " as ShownText } ?? "suspended, so "
      parts.append(words + "virtmem did not connect")
    }
    if let silence { parts.append("not observed: \(silence.instance)") }
    let versions = [host.libvirt.map { "libvirt \($0)" }, host.hypervisor?.description]
      .compactMap(\.self)
    if !versions.isEmpty { parts.append("\(versions.joined(separator: ", "))") }
    if let time = host.observedAt { parts.append("as seen at \(time)") }
    return parts
  }
}

extension PlannedHost {
  /// The URI, and whose choice it was where the user has not named it.
  fileprivate var connection: ShownText {
    guard origin != .definitions else { return "definitions from files" }
    let uri: ShownText? = uri?.publishedURI.map { "\($0)" }
    // This run did not choose the URI of a snapshot.
    guard origin == .connection else { return uri ?? "a host from a snapshot" }
    return switch uriFrom {
    case .manifest, .option: uri ?? "the connection"
    case .environment: (uri ?? "the connection") + " (LIBVIRT_DEFAULT_URI)"
    case .default: uri.map { $0 + " (libvirt's default for this user)" } ?? "libvirt's default"
    }
  }
}

extension DomainPlan {
  /// Whether more than one host has the domain.
  var isOnSeveralHosts: Bool { blockers.contains { $0.rule.meaning == .severalHosts } }
}

/// What the notes of a plan say of suspended hosts and domains, such as `suspended until
/// 2026-12-31: the disks are replaced`.
struct Suspensions {
  private struct Place: Hashable {
    let host: String?
    let domain: String?
  }

  private let words: [Place: String]

  init(of plan: Plan) {
    let notes = plan.diagnostics.filter { $0.rule.meaning == .suspended }
    words = Dictionary(
      notes.map { (Place(host: $0.host, domain: $0.domain), $0.summary) },
      uniquingKeysWith: { first, _ in first })
  }

  /// The words for a host; nil where the manifests say neither until when nor why.
  func words(of host: PlannedHost) -> String? {
    words[Place(host: host.name, domain: nil)]
  }

  /// The words for a domain; nil where the manifests say neither until when nor why.
  func words(of domain: DomainPlan) -> String? {
    words[Place(host: domain.host, domain: domain.name)]
  }
}

/// What makes domains of a host alike, so that they share an entry.
private struct Likeness: Hashable {
  let state: DomainState?
  let verdict: Verdict
  let fields: [PlannedField]
  let blockers: [Blocker]
  let needs: Bool
  let operations: [Operation]
  let headroom: Headroom?
  let suspension: String?

  init(_ domain: DomainPlan, _ suspensions: Suspensions, _ detail: PlanReport.Detail) {
    suspension = suspensions.words(of: domain)
    headroom = detail == .everything ? domain.headroom : nil
    state = domain.state
    verdict = domain.verdict
    fields = domain.fields.filter { $0.verdict != .inSync }.map { field in
      var field = field
      field.source = nil
      return field
    }
    blockers = domain.blockers
    needs = domain.steps.contains { !$0.needs.isEmpty }
    operations = domain.steps.map(\.operation)
  }

  /// Groups of domains that are alike: the better verdicts first, then by their first names.
  static func groups(
    of domains: [DomainPlan], _ suspensions: Suspensions, _ detail: PlanReport.Detail
  ) -> [[DomainPlan]] {
    var order: [Likeness] = []
    var groups: [Likeness: [DomainPlan]] = [:]
    for domain in domains {
      let likeness = Likeness(domain, suspensions, detail)
      if groups[likeness] == nil { order.append(likeness) }
      groups[likeness, default: []].append(domain)
    }
    let verdicts: [Verdict] = [
      .suspended, .inSync, .pendingRestart, .change, .blocked, .unobserved,
    ]
    return verdicts.flatMap { verdict in
      order.filter { $0.verdict == verdict }.compactMap { groups[$0] }
    }
  }
}
