// SPDX-License-Identifier: Apache-2.0

internal import MemoryModel

/// Renders a run as metrics for the textfile collector of node_exporter.
///
/// After invalid input there are only the series about the run itself.
package struct PrometheusReport {
  /// At most so many domains have a series of their own, because each one costs the database.
  private static let domainLimit = 1_000

  private let report: RunReport

  /// Makes a renderer of a run.
  package init(_ report: RunReport) {
    self.report = report
  }

  /// The metrics; all are gauges.
  package var bytes: [UInt8] {
    var text = ""
    if let plan = report.plan {
      text += domainCounts(plan) + blockedCounts(plan) + hosts(plan) + outOfSync
    }
    text += metric(
      "last_run_timestamp_seconds", "When the last run ended, in seconds since 1970.",
      report.secondsSince1970.map { [sample([], "\($0)")] } ?? [])
    text += metric(
      "last_run_duration_seconds", "How long the last run took.",
      report.duration.map { [sample([], Self.seconds($0))] } ?? [])
    text += metric(
      "last_run_status", "The exit status of the last run; 0 means that all is in order.",
      [sample([], "\(report.status)")])
    return Array(text.utf8)
  }

  // MARK: - Domains

  private func domainCounts(_ plan: Plan) -> String {
    struct Key: Hashable {
      let host: String
      let verdict: Verdict
    }
    var counts: [Key: Int] = [:]
    for domain in report.domains {
      counts[Key(host: domain.host, verdict: domain.verdict), default: 0] += 1
    }
    let samples = hostNames(plan).flatMap { host in
      Verdict.allCases.map { verdict in
        sample(
          [("host", host), ("verdict", verdict.rawValue)],
          "\(counts[Key(host: host, verdict: verdict), default: 0])")
      }
    }
    return metric("domains", "The number of domains with each verdict.", samples)
  }

  /// The names of the hosts, and an empty one if some domains are on no known host.
  private func hostNames(_ plan: Plan) -> [String] {
    let names = plan.hosts.map(\.name)
    let known = Set(names)
    let others = Set(plan.domains.compactMap(\.host)).subtracting(known).sorted()
    return names + others + (plan.domains.contains { $0.host == nil } ? [""] : [])
  }

  private func blockedCounts(_ plan: Plan) -> String {
    struct Key: Hashable {
      let host: String
      let rule: String
    }
    var counts: [Key: Int] = [:]
    for domain in report.domains where domain.plan.verdict != .suspended {
      for rule in Set(domain.plan.blockers.map(\.rule.name)) {
        counts[Key(host: domain.host, rule: rule), default: 0] += 1
      }
    }
    let samples = counts.sorted { ($0.key.host, $0.key.rule) < ($1.key.host, $1.key.rule) }
      .map { sample([("host", $0.key.host), ("rule", $0.key.rule)], "\($0.value)") }
    return metric("blocked", "The number of domains that each rule blocks.", samples)
  }

  /// The domains that are not as declared, the worst first.
  private var outOfSync: String {
    let domains = report.domains.filter { ![.inSync, .suspended].contains($0.verdict) }
    let worst = domains.enumerated()
      .sorted { ($1.element.verdict, $0.offset) < ($0.element.verdict, $1.offset) }.map(\.element)
    // A label set may occur only once. Two domains of one name, both on no known host, would share
    // theirs.
    var seen: Set<String> = []
    let samples = worst.prefix(Self.domainLimit).map { domain in
      sample(
        [
          ("host", domain.host), ("domain", domain.plan.name),
          ("verdict", domain.verdict.rawValue),
        ], "1")
    }.filter { seen.insert($0).inserted }
    return metric("domain_out_of_sync", "The domains that are not as declared.", samples)
      + metric(
        "domains_dropped", "The number of domains that have no series, because there are too many.",
        [sample([], "\(max(0, domains.count - Self.domainLimit))")])
  }

  // MARK: - Hosts

  private func hosts(_ plan: Plan) -> String {
    let observed = plan.hosts.filter { !$0.isSuspended }.map { host in
      sample([("host", host.name)], host.libvirt == nil ? "0" : "1")
    }
    let figures: [(name: String, help: String, (PlannedHost) -> MemorySize?)] = [
      ("available", "The memory that is available on the host.", { $0.memory?.available }),
      ("reserve", "The memory that stays available by the manifest.", \.reserve),
      (
        "peak", "The least memory that stays available while the plan is applied.",
        { $0.memory?.leastAvailable }
      ),
    ]
    let memory = figures.map { name, help, figure in
      metric(
        "host_memory_\(name)_bytes", help,
        plan.hosts.compactMap { host in
          figure(host).map { sample([("host", host.name)], "\($0.bytes)") }
        })
    }
    return metric("host_observed", "Whether virtmem could read the host.", observed)
      + memory.joined() + hugepages(plan)
  }

  private func hugepages(_ plan: Plan) -> String {
    let samples = plan.hosts.flatMap { host in
      (host.memory?.nodes ?? []).flatMap { node in
        node.pools.flatMap { pool in
          [("total", pool.total), ("free", pool.free)].compactMap { state, count in
            count.map {
              sample(
                [
                  ("host", host.name), ("node", "\(node.number)"),
                  ("size", pool.size.manifestText), ("state", state),
                ], "\($0)")
            }
          }
        }
      }
    }
    return metric(
      "host_hugepages", "The number of huge pages of each size on each NUMA node.", samples)
  }

  // MARK: - The format

  /// A metric with its description; nothing if it has no samples.
  private func metric(_ name: String, _ help: String, _ samples: [String]) -> String {
    guard !samples.isEmpty else { return "" }
    return "# HELP virtmem_\(name) \(help)\n# TYPE virtmem_\(name) gauge\n"
      + samples.map { "virtmem_\(name)\($0)\n" }.joined()
  }

  /// The labels and the value of a sample.
  private func sample(_ labels: [(name: String, value: String)], _ value: String) -> String {
    let texts = ([("run", report.name)] + labels).map { "\($0.0)=\"\(Self.escaped($0.1))\"" }
    return "{\(texts.joined(separator: ","))} \(value)"
  }

  /// Escapes the value of a label; characters that can't be seen become their codes, as everywhere.
  private static func escaped(_ value: String) -> String {
    let bytes = ShownText("\(value)").description.utf8.flatMap { byte in
      byte == UInt8(ascii: "\\") || byte == UInt8(ascii: "\"")
        ? [UInt8(ascii: "\\"), byte] : [byte]
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  private static func seconds(_ duration: Duration) -> String {
    let milliseconds =
      duration.components.seconds * 1000
      + duration.components.attoseconds / 1_000_000_000_000_000
    let rest = String(1000 + milliseconds % 1000).dropFirst()
    return "\(milliseconds / 1000).\(rest)"
  }
}
