// SPDX-License-Identifier: Apache-2.0

/// Why a call of libvirt failed, or had no answer.
package struct HypervisorError: Error, Hashable, Sendable {
  /// The kind of failure, as far as callers handle kinds differently.
  package enum Kind: String, Hashable, Sendable {
    /// libvirt refused the call, or the call failed.
    case refused
    /// libvirt did not answer in time; it may still make the change.
    case deadline
    /// The connection broke, or could not be opened.
    case connection
    /// Another job holds the domain, or another writer changed it at the same time; the call was
    /// refused before it changed anything.
    case busy
    /// libvirt has no such domain, or no longer has it.
    case noDomain
    /// The user of the connection may not do this, or may not connect at all.
    case denied
    /// The driver does not implement the call.
    case unsupported
    /// virtmem reads a snapshot, and the host or the domain is not in it, or could not be observed
    /// when the snapshot was taken.
    case notInSnapshot
  }

  /// The kind of failure.
  package var kind: Kind
  /// The C function that failed.
  package var call: String
  /// The `virErrorNumber`; 0 for a failure that libvirt did not report.
  package var code: Int32
  /// The `virErrorDomain`; 0 for a failure that libvirt did not report.
  package var domain: Int32
  /// What went wrong, for people; libvirt's own message for an error of libvirt.
  package var message: String

  /// Makes an error.
  package init(_ kind: Kind, call: String, code: Int32 = 0, domain: Int32 = 0, message: String) {
    self.kind = kind
    self.call = call
    self.code = code
    self.domain = domain
    self.message = message
  }

  /// What went wrong and in which call, without a full stop, such as
  /// `no answer within 10 s (virConnectOpenAuth)`.
  package var reason: String {
    var text = message[...]
    while let last = text.last, ".: \n".contains(last) { text.removeLast() }
    if text.isEmpty { text = "libvirt gave no reason" }
    return call.isEmpty || text.contains(call) ? String(text) : "\(text) (\(call))"
  }
}
