// SPDX-License-Identifier: Apache-2.0

package import MemoryModel

/// What a change of manifests changes: the domains whose desired state is another than it was.
///
/// Compared is what is asked for with all profiles merged, so that a change of a Profile is one of
/// its domains; where it stands and what labels it has are not.
package struct DesiredChanges: Sendable {
  /// The new state with the domains alone that are new or asked for otherwise.
  package let state: DesiredState
  /// The domains that are declared no longer, as they were.
  package let left: [DesiredDomain]

  /// Compares the state of before with the state of after.
  package init(from old: DesiredState, to new: DesiredState) {
    var state = new
    let before = Set(old.domains.map { Wish($0, in: old) })
    state.domains = new.domains.filter { !before.contains(Wish($0, in: new)) }
    self.state = state
    let after = Dictionary(grouping: new.domains, by: \.name)
    left = old.domains.filter { domain in
      !(after[domain.name] ?? []).contains { domain.isSame(as: $0) }
    }
  }

  /// All that is asked for of a domain, and where.
  private struct Wish: Hashable {
    let name: String
    let uuid: String?
    let host: String?
    let uri: String?
    let isSuspended: Bool
    let configuration: MemoryConfiguration
    let policy: Policy

    init(_ domain: DesiredDomain, in state: DesiredState) {
      let declared = state.hosts.first { $0.name == domain.host }
      name = domain.name
      uuid = domain.uuid
      host = domain.host
      uri = declared?.uri
      isSuspended = domain.isSuspended || declared?.isSuspended == true
      configuration = domain.configuration
      policy = domain.policy
    }
  }
}

extension DesiredDomain {
  /// Whether `other`, of the same name, is for the same domain as far as manifests tell.
  fileprivate func isSame(as other: DesiredDomain) -> Bool {
    if let host, let otherHost = other.host { return host == otherHost }
    // Without a host it may be on any, and only UUIDs tell two of one name apart.
    guard let uuid, let otherUUID = other.uuid else { return true }
    return uuid == otherUUID
  }
}
