// SPDX-License-Identifier: Apache-2.0

/// Why libvirt did not do, or did not answer, what it was asked.
package struct HypervisorError: Error, Hashable, Sendable {
  /// What kind of failure it is, as far as the caller has to tell kinds apart.
  package enum Kind: String, Hashable, Sendable {
    /// libvirt refused or failed.
    case refused
    /// No answer within the deadline: what was asked may still happen.
    case deadline
    /// The connection broke or could not be made.
    case connection
    /// Another job holds the domain; it was refused before anything was done.
    case busy
    /// There is no such domain (any more).
    case noDomain
    /// The driver has no such call.
    case unsupported
    /// What was accepted did not show in time.
    case noEffect
    /// The domain is not as the plan has it.
    case foreignChange
    /// What the step needs was not done.
    case unmetNeed
    /// The domain's guest does not run any more.
    case guestDied
    /// The run was interrupted.
    case interrupted
  }

  /// What kind of failure it is.
  package var kind: Kind
  /// The C function that failed, or what was waited for.
  package var call: String
  /// libvirt's `virErrorNumber`; 0 where the failure is not libvirt's.
  package var code: Int32
  /// libvirt's `virErrorDomain`; 0 where the failure is not libvirt's.
  package var domain: Int32
  /// What went wrong, for people; libvirt's own words where they are its.
  package var message: String

  /// Makes an error.
  package init(_ kind: Kind, call: String, code: Int32 = 0, domain: Int32 = 0, message: String) {
    self.kind = kind
    self.call = call
    self.code = code
    self.domain = domain
    self.message = message
  }
}

/// Which domains an observation should read, and how much of them.
package struct ObservationScope: Hashable, Sendable {
  /// The domains to read, by name.
  package var names: Set<String>
  /// The domains to read, by UUID in lower case.
  package var uuids: Set<String>
  /// Of these, by name, the ones whose live memory tuning is wanted from its own call.
  package var tunedNames: Set<String>
  /// Of these, by UUID, the ones whose live memory tuning is wanted from its own call.
  package var tunedUUIDs: Set<String>
  /// Whether every domain is read, as a host's memory budget needs.
  package var readsAll: Bool
  /// Whether the live memory tuning of every domain that is read is wanted from its own call.
  package var readsAllTuning = false

  /// Makes the scope of all that is known of the domains in `names`, of every one where it is nil.
  package init(everythingOf names: Set<String>?) {
    self.init(of: [], readsAll: names == nil)
    self.names = names ?? []
    readsAllTuning = true
  }

  /// Makes the scope that `domains` need.
  package init(of domains: [DesiredDomain], readsAll: Bool = false) {
    self.readsAll = readsAll
    names = Set(domains.map(\.name))
    uuids = Set(domains.compactMap(\.uuid))
    let tuned = domains.filter(\.managesTuning)
    tunedNames = Set(tuned.map(\.name))
    tunedUUIDs = Set(tuned.compactMap(\.uuid))
  }

  /// Whether the domain with this name and UUID is read.
  package func contains(name: String, uuid: String) -> Bool {
    readsAll || names.contains(name) || uuids.contains(uuid)
  }

  /// Whether the domain's live memory tuning is read from its own call.
  package func readsTuning(name: String, uuid: String) -> Bool {
    readsAllTuning || tunedNames.contains(name) || tunedUUIDs.contains(uuid)
  }
}

/// What a connection may do.
package enum Access: Hashable, Sendable {
  /// It may only observe.
  case readOnly
  /// It may observe and change.
  case readWrite
}

/// One libvirt connection, seen and changed.
///
/// LibvirtClient and SimulatedHypervisor implement it.
package protocol Hypervisor: Sendable {
  /// Looks at the host and the domains in `scope`.
  ///
  /// - Throws: ``HypervisorError`` where the host as a whole could not be looked at; a single
  ///   domain that could not is in ``ObservedHost/unreadable``.
  func observe(_ scope: ObservationScope) async throws(HypervisorError) -> ObservedHost

  /// Looks at one domain again.
  ///
  /// - Throws: ``HypervisorError``; kind `noDomain` where it is gone.
  func observe(uuid: String, readingTuning: Bool) async throws(HypervisorError) -> ObservedDomain

  /// Why a domain that does not run was stopped, in libvirt's word; nil where it does not tell.
  ///
  /// - Throws: ``HypervisorError``; kind `noDomain` where it is gone.
  func stopReason(uuid: String) async throws(HypervisorError) -> String?

  /// Makes a call; that it returns means accepted, and achieved is the caller's to see.
  ///
  /// It is never repeated.
  ///
  /// - Throws: ``HypervisorError``; kind `deadline` or `connection` means that the call may have
  ///   been made or may still be, kind `busy` that it was refused before anything was done.
  func perform(_ call: Call, uuid: String) async throws(HypervisorError)
}
