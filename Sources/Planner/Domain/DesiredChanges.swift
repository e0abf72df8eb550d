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
  }

  /// All that the manifests ask of a domain, and its host.
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
  /// Whether `other`, which has the same name, is the same domain as far as the manifests tell.
  fileprivate func isSame(as other: DesiredDomain) -> Bool {
    if let host, let otherHost = other.host { return host == otherHost }
    // A domain without a host may be on any; then only UUIDs distinguish two domains of one name.
    guard let uuid, let otherUUID = other.uuid else { return true }
    return uuid == otherUUID
  }
}
