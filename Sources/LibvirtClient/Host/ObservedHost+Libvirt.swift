// SPDX-License-Identifier: Apache-2.0
import DomainXML
import MemoryModel

extension ObservedHost {
  /// Asks libvirt for the description of the host, with all calls at the same time; also returns
  /// how long it took to answer one.
  static func asking(
    _ pool: WorkerPool, _ keeper: ConnectionKeeper, within limit: Duration
  ) async throws(HypervisorError) -> (ObservedHost, roundTrip: Duration) {
    // A host can be managed without these, for example without an emulator or a host name.
    async let version = result { () throws(HypervisorError) in
      try await pool.run(within: limit, keeper) { (connection) throws(HypervisorError) in
        try whereKnown { () throws(HypervisorError) in try connection.hypervisorVersion() }
      }
    }
    async let capabilities = result { () throws(HypervisorError) in
      try await pool.run(within: limit, keeper) { (connection) throws(HypervisorError) in
        try whereKnown { () throws(HypervisorError) in
          try connection.capabilities()
        }.flatMap { try? HostCapabilities.read($0) }
      }
    }
    async let hostname = result { () throws(HypervisorError) in
      try await pool.run(within: limit, keeper) { (connection) throws(HypervisorError) in
        try whereKnown { () throws(HypervisorError) in try connection.hostname() }
      }
    }
    async let libvirtVersion = result { () throws(HypervisorError) in
      try await pool.run(within: limit, keeper) { (connection) throws(HypervisorError) in
        let start = MonotonicInstant.now
        return (try connection.libvirtVersion(), MonotonicInstant.now - start)
      }
    }
    async let uri = result { () throws(HypervisorError) in
      try await pool.run(within: limit, keeper) { (connection) throws(HypervisorError) in
        try connection.uri()
      }
    }
    let type = try await pool.run(within: limit, keeper) { (connection) throws(HypervisorError) in
      try connection.type()
    }
    let driver = HypervisorDriver(connectionType: type)
    let known = try await capabilities.get()
    let address = try await uri.get()
    let (libvirt, roundTrip) = try await libvirtVersion.get()
    let host = ObservedHost(
      uuid: known?.uuid, hostname: try await hostname.get(), uri: address, driver: driver,
      libvirt: libvirt,
      hypervisor: HypervisorRelease(name: type, version: try await version.get()),
      isSession: driver != .test && isSessionURI(address), nodes: known?.nodes ?? [],
      pageSizes: known?.pageSizes ?? [])
    return (host, roundTrip)
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

/// The result of `body` as a value.
func result<Value: Sendable>(
  _ body: () async throws(HypervisorError) -> Value
) async -> Result<Value, HypervisorError> {
  do throws(HypervisorError) {
    return .success(try await body())
  } catch {
    return .failure(error)
  }
}
