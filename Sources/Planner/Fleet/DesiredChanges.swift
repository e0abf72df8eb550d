// SPDX-License-Identifier: Apache-2.0

package import MemoryModel

/// The domains whose desired state differs between two versions of the manifests.
///
/// The comparison comes after the merge of profiles, so a changed Profile counts as a change of its
/// domains. Positions in files and labels are not compared.
package struct DesiredChanges: Sendable {
  /// The new state, with only the domains that are new or whose desired state has changed.
  package let state: DesiredState
  /// The domains that the new manifests no longer declare, as the old ones declared them.
  package let left: [DesiredDomain]
  /// The changed domains that the old manifests declare too.
  private let changed: [Change]
  /// The host of a domain that names none; nil where the old manifests declare several.
  private let onlyHost: String?

  fileprivate struct Change {
    let old: DesiredDomain
    let new: DesiredDomain
    /// Whether more than the configuration has changed, so that the change is about all fields.
    let isOfAllFields: Bool
  }

  /// Compares the old state with the new one.
  package init(from old: DesiredState, to new: DesiredState) {
    var state = new
    let before = Set(old.domains.map { Wish($0, in: old) })
    state.domains = new.domains.filter { !before.contains(Wish($0, in: new)) }
    self.state = state
    let after = Dictionary(grouping: new.domains, by: \.name)
    left = old.domains.filter { domain in
      !(after[domain.name] ?? []).contains { domain.isSame(as: $0) }
    }
    let former = Dictionary(grouping: old.domains, by: \.name)
    changed = state.domains.compactMap { domain in
      guard let match = former[domain.name]?.first(where: { domain.isSame(as: $0) }) else {
        return nil
      }
      return Change(
        old: match, new: domain,
        isOfAllFields: Wish(match, in: old).context != Wish(domain, in: new).context)
    }
    onlyHost =
      old.hosts.count > 1 ? nil : old.hosts.first.map(\.name) ?? DesiredHost.implicitName
  }

  /// Records in `plan`, made of ``state``, which fields the change is about, and what the new
  /// manifests no longer declare.
  ///
  /// Of the domains that left, it records those that `isSelected` accepts. `observations` have the
  /// values that fields keep.
  package func record(
    in plan: inout Plan, _ observations: [String: HostObservation],
    where isSelected: (DesiredDomain) -> Bool
  ) {
    for domain in left where isSelected(domain) {
      let host = domain.host ?? onlyHost
      plan.removed.append(RemovedDeclaration(host: host, name: domain.name, fields: nil))
      plan.diagnostics.append(
        Diagnostic(removed: nil, of: domain.name, on: host, keeps: "as it is"))
    }
    let changes = Dictionary(changed.map { ($0.new.position, $0) }) { first, _ in first }
    for index in plan.domains.indices {
      guard let change = plan.domains[index].position.flatMap({ changes[$0] }) else { continue }
      if !change.isOfAllFields { change.mark(&plan.domains[index].fields) }
      recordFields(of: change, plan.domains[index], in: &plan, observations)
    }
  }

  private func recordFields(
    of change: Change, _ domain: DomainPlan, in plan: inout Plan,
    _ observations: [String: HostObservation]
  ) {
    let declared = Set(change.new.configuration.declaredFields)
    let fields = change.old.configuration.declaredFields.filter { !declared.contains($0) }
    guard !fields.isEmpty else { return }
    plan.removed.append(RemovedDeclaration(host: domain.host, name: domain.name, fields: fields))
    var seen: ObservedDomain?
    if case .observed(let host)? = domain.host.flatMap({ observations[$0] }) {
      seen = host.domains.first { $0.uuid == domain.uuid }
    }
    for field in fields {
      plan.diagnostics.append(
        Diagnostic(
          removed: field, of: domain.name, on: domain.host,
          keeps: seen?.words(of: field) ?? "as it is"))
    }
  }

  /// All that the manifests ask of a domain, and its host.
  private struct Wish: Hashable {
    /// All but the memory.
    struct Context: Hashable {
      let name: String
      let uuid: String?
      let host: String?
      let hosts: [Place]
      let suspension: Suspension?
      let policy: Policy
    }

    /// What a Host says of the domains on it.
    struct Place: Hashable {
      let name: String
      let uri: String?
      let reserve: MemorySize?
      let suspension: Suspension?
    }

    let context: Context
    let configuration: MemoryConfiguration

    init(_ domain: DesiredDomain, in state: DesiredState) {
      // A domain without a host may be on any.
      let hosts = state.hosts.filter { domain.host == nil || $0.name == domain.host }
      context = Context(
        name: domain.name, uuid: domain.uuid, host: domain.host,
        hosts: hosts.map {
          Place(name: $0.name, uri: $0.uri, reserve: $0.reserve, suspension: $0.suspension)
        },
        suspension: domain.suspension, policy: domain.policy)
      configuration = domain.configuration
    }
  }
}

extension DesiredChanges.Change {
  /// Marks the fields that the change did not touch.
  fileprivate func mark(_ fields: inout [PlannedField]) {
    for index in fields.indices {
      let path = fields[index].path
      // The state of an item that is present has no value of its own.
      let hasComeOrGone =
        path.name == path.name.state
        && old.configuration.fields(ofItemOf: path).isEmpty
          != new.configuration.fields(ofItemOf: path).isEmpty
      fields[index].isOfThisChange =
        hasComeOrGone || old.configuration[path] != new.configuration[path]
    }
  }
}

extension Diagnostic {
  /// The note about a field, or a domain if `field` is nil, that the manifests no longer declare.
  fileprivate init(
    removed field: FieldPath?, of domain: String, on host: String?, keeps value: String
  ) {
    let rule = Rule.noLongerManaged
    self.init(
      .note, rule: rule, host: host, domain: domain, field: field, summary: "stays \(value)",
      detail: rule.fact, remedy: rule.remedy)
  }
}

extension ObservedDomain {
  /// The value that a field has, such as `24 GiB`, or `24 GiB live, 30 GiB persistent`.
  fileprivate func words(of field: FieldPath) -> String? {
    let absence = Field.named(field)?.valueOfAbsence
    let values = [live, persistent].compactMap(\.self).map { $0[field] ?? absence }
    guard let value = values.first, values.contains(where: { $0 != nil }) else { return nil }
    let words = values.map { $0?.description ?? "not set" }
    return values.allSatisfy { $0 == value }
      ? words[0] : "\(words[0]) live, \(words[1]) persistent"
  }
}

extension DesiredDomain {
  /// Whether `other`, which has the same name, is the same domain as far as the manifests tell.
  fileprivate func isSame(as other: DesiredDomain) -> Bool {
    if let host, let otherHost = other.host { return host == otherHost }
    // A domain without a host may be on any; then only UUIDs distinguish two domains of one name.
    guard let uuid, let otherUUID = other.uuid else { return true }
    return uuid == otherUUID
  }
}
