// SPDX-License-Identifier: Apache-2.0
import DomainXML
import MemoryModel

extension ObservedHost {
  /// Asks libvirt for the description of the host.
  init(asking connection: borrowing Connection) throws(HypervisorError) {
    let type = try connection.type()
    let driver = HypervisorDriver(connectionType: type)
    let uri = try connection.uri()
    // A host can be managed without these, for example without an emulator or a host name.
    let version = try whereKnown { () throws(HypervisorError) in
      try connection.hypervisorVersion()
    }
    let capabilities = try whereKnown { () throws(HypervisorError) in
      try connection.capabilities()
    }.flatMap { try? HostCapabilities.read($0) }
    self.init(
      uuid: capabilities?.uuid,
      hostname: try whereKnown { () throws(HypervisorError) in try connection.hostname() },
      uri: uri, driver: driver, libvirt: try connection.libvirtVersion(),
      hypervisor: HypervisorRelease(name: type, version: version),
      isSession: driver != .test && isSessionURI(uri), nodes: capabilities?.nodes ?? [],
      pageSizes: capabilities?.pageSizes ?? [])
  }
}

/// The result of `question`; nil for an error that is not of the connection.
func whereKnown<Value>(
  _ question: () throws(HypervisorError) -> Value
) throws(HypervisorError) -> Value? {
  do throws(HypervisorError) {
    return try question()
  } catch  where error.kind != .connection {
    return nil
  }
}

/// Whether `uri` leads to an unprivileged daemon: its path ends in `/session`.
func isSessionURI(_ uri: String) -> Bool {
  uri.prefix { $0 != "?" && $0 != "#" }.hasSuffix("/session")
}
