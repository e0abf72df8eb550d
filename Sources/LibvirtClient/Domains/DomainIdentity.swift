// SPDX-License-Identifier: Apache-2.0
import Basics
import CLibvirt
import MemoryModel

/// The UUID in lower case of a domain that the caller owns; `virDomainGetUUID`.
///
/// `virDomainGetUUIDString` would print each byte with `printf`, which takes milliseconds on a host
/// with thousands of domains.
func uuidString(of domain: virDomainPtr?) throws(HypervisorError) -> String {
  var uuid = InlineArray<16, UInt8>(repeating: 0)
  var bytes = uuid.mutableSpan
  try libvirt("virDomainGetUUID") {
    unsafe bytes.withUnsafeMutableBufferPointer { unsafe virDomainGetUUID(domain, $0.baseAddress) }
  }
  return String(hexadecimal: uuid.span, dashes: [4, 6, 8, 10])
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
