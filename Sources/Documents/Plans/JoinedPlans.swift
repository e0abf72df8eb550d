// SPDX-License-Identifier: Apache-2.0

internal import MemoryModel
internal import YAML

/// Joins the documents of the shards of one run.
package enum JoinedPlans {
  /// The documents as one; `documents` has at least one, and each its file.
  ///
  /// The time of the result is the oldest, and it has no `id`, so that `apply` does not take it.
  ///
  /// - Throws: ``InvalidPlan`` if the documents are of several kinds, if two of them have the same
  ///   domain, or if a host is not the same in both.
  package static func join(
    _ documents: [(file: String, saved: SavedPlan)]
  ) throws(InvalidPlan) -> SavedPlan {
    var joining = Joining(documents[0].saved)
    for (file, saved) in documents {
      try joining.add(saved, from: file)
    }
    return joining.joined
  }
}

private struct Joining {
  /// A name on a host; a domain that no host was found for has none.
  private struct Key: Hashable {
    let host: String?
    let name: String
  }

  private var plan: Plan
  private var report: ApplyReport?
  private var created: String
  private var lastCreated: String
  private var hosts: [String: (host: PlannedHost, file: String)] = [:]
  private var domains: [Key: String] = [:]
  private var diagnostics: Set<Diagnostic> = []
  private var removed: Set<RemovedDeclaration> = []
  private var results: [Key: DomainResult] = [:]
  private var firstFile: String?

  init(_ first: SavedPlan) {
    plan = Plan(kind: first.plan.kind, note: first.plan.note)
    plan.tolerated = first.plan.tolerated
    report = first.report
    report?.steps = [:]
    (created, lastCreated) = (first.created, first.created)
  }

  mutating func add(_ saved: SavedPlan, from file: String) throws(InvalidPlan) {
    guard saved.plan.kind == plan.kind else {
      throw mistake(
        in: file,
        "this is the document of \(saved.plan.kind.words), and "
          + "\(Quotation.quoted(firstFile ?? "")) is that of \(plan.kind.words)",
        remedy: "Give documents of one kind: the shards of one run.")
    }
    firstFile = firstFile ?? file
    created = min(created, saved.created)
    lastCreated = max(lastCreated, saved.created)
    if saved.plan.note != plan.note { plan.note = nil }
    plan.tolerated.removeAll { !saved.plan.tolerated.contains($0) }
    for host in saved.plan.hosts { try add(host, from: file) }
    for (number, domain) in saved.plan.domains.enumerated() {
      let key = Key(host: domain.host, name: domain.name)
      if let other = domains.updateValue(file, forKey: key) {
        throw mistake(
          in: file,
          "\(Quotation.quoted(domain.name)) is in this document and in "
            + Quotation.quoted(other),
          remedy: "Give each domain's document once: the shards of one run.")
      }
      if let result = saved.report?.domains[number] { results[key] = result }
    }
    plan.domains += saved.plan.domains
    plan.diagnostics += saved.plan.diagnostics.filter { diagnostics.insert($0).inserted }
    plan.removed += saved.plan.removed.filter { removed.insert($0).inserted }
    report?.steps.merge(saved.report?.steps ?? [:]) { first, _ in first }
  }

  private mutating func add(_ host: PlannedHost, from file: String) throws(InvalidPlan) {
    guard let (other, otherFile) = hosts[host.name] else {
      hosts[host.name] = (host, file)
      return
    }
    if let uuid = host.uuid, let otherUUID = other.uuid, uuid != otherUUID {
      throw mistake(
        in: file,
        "the host \(Quotation.quoted(host.name)) is another one in "
          + "\(Quotation.quoted(otherFile)): it has the UUID \(otherUUID), and here \(uuid)",
        remedy: "Give documents of one fleet.")
    }
    // A document of other domains may be of a moment at which the host did not answer.
    if other.uuid == nil && other.libvirt == nil {
      hosts[host.name] = (host, file)
    } else if other.memory == nil {
      hosts[host.name]?.host.memory = host.memory
    }
  }

  var joined: SavedPlan {
    var plan = plan
    plan.hosts = hosts.values.map(\.host)
    plan.sort()
    let report = report.map { report in
      let domains = plan.domains.compactMap { results[Key(host: $0.host, name: $0.name)] }
      return ApplyReport(readBack: plan, steps: report.steps, domains: domains)
    }
    return SavedPlan(
      report: report, plan: plan, created: created, id: nil, lastCreated: lastCreated)
  }

  private func mistake(in file: String, _ summary: String, remedy: String) -> InvalidPlan {
    InvalidPlan(
      diagnostic: Diagnostic(
        .error, rule: .notOneRun, summary: summary, remedy: remedy,
        source: SourcePosition(file: file, line: 1, column: 1)))
  }
}

extension Plan.Kind {
  /// The command that makes such a document.
  fileprivate var words: String { "virtmem \(rawValue)" }
}
