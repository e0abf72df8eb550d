// SPDX-License-Identifier: Apache-2.0
import DomainXML
import MemoryModel

extension ObservedHost {
  /// Asks libvirt for the description of the host, with all calls at the same time.
  static func asking(
    _ pool: WorkerPool, _ keeper: ConnectionKeeper, within limit: Duration
  ) async throws(HypervisorError) -> ObservedHost {
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
        try connection.libvirtVersion()
      }
    }
    let (type, uri) = try await pool.run(within: limit, keeper) {
      (connection) throws(HypervisorError) in (try connection.type(), try connection.uri())
    }
    let driver = HypervisorDriver(connectionType: type)
    let known = try await capabilities.get()
    return ObservedHost(
      uuid: known?.uuid, hostname: try await hostname.get(), uri: uri, driver: driver,
      libvirt: try await libvirtVersion.get(),
      hypervisor: HypervisorRelease(name: type, version: try await version.get()),
      isSession: driver != .test && isSessionURI(uri), nodes: known?.nodes ?? [],
      pageSizes: known?.pageSizes ?? [])
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
