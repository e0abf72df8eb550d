// SPDX-License-Identifier: Apache-2.0
import CLibvirt
import MemoryModel

/// The UUID in lower case of a domain that the caller owns; `virDomainGetUUIDString`.
func uuidString(of domain: virDomainPtr?) throws(HypervisorError) -> String {
  var text = [CChar](repeating: 0, count: Int(VIR_UUID_STRING_BUFLEN))
  try libvirt("virDomainGetUUIDString") { unsafe virDomainGetUUIDString(domain, &text) }
  return string(ofCharacters: text)
}

/// The id of a domain that the caller owns; nil for an inactive domain; `virDomainGetID`.
func runNumber(of domain: virDomainPtr?) -> Int? {
  let id = unsafe virDomainGetID(domain)
  return id == .max ? nil : Int(id)
}

/// A domain handle that jobs share, with the properties that need no call to the daemon.
final class DomainEntry: Sendable {
  /// The handle of the domain.
  let handle: DomainHandle
  /// The domain's name.
  let name: String
  /// The domain's UUID in lower case.
  let uuid: String

  /// Takes ownership of the handle.
  init(_ handle: consuming DomainHandle) throws(HypervisorError) {
    name = try handle.name()
    uuid = try handle.uuid()
    self.handle = handle
  }
}
