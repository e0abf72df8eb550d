// SPDX-License-Identifier: Apache-2.0
import CLibvirt
import Glibc
import MemoryModel

/// One reference to a connection to libvirt; the last of them closes it.
///
/// `virConnectPtr`, given back by `virConnectClose`. Every function makes the one C call that its
/// comment names, and blocks as long as libvirt does.
@safe struct Connection: ~Copyable {
  // libvirt lets any number of threads use one connection; each of ours holds its own reference.
  private nonisolated(unsafe) let pointer: virConnectPtr

  private init(_ pointer: virConnectPtr) {
    unsafe self.pointer = unsafe pointer
  }

  deinit {
    unsafe virConnectClose(pointer)
  }

  /// Opens a connection, to libvirt's own default where `uri` is nil; `virConnectOpenAuth`.
  ///
  /// Credentials come from libvirt's `auth.conf` or from nowhere: there is nobody to ask.
  static func open(_ uri: String?, _ access: Access) throws(HypervisorError) -> Connection {
    guard libvirtIsReady else { throw .last(in: "virInitialize") }
    // Only a connection that is opened after the loop has begun can have keepalive.
    let keepsAlive = access == .readWrite && eventLoopRuns
    var kinds = [VIR_CRED_USERNAME, VIR_CRED_AUTHNAME, VIR_CRED_PASSPHRASE, VIR_CRED_REALM]
      .map { Int32($0.rawValue) }
    let flags = access == .readOnly ? UInt32(VIR_CONNECT_RO.rawValue) : 0
    let logged = ClientLog.end
    do throws(HypervisorError) {
      let connection = unsafe Connection(
        try libvirt("virConnectOpenAuth") {
          unsafe kinds.withUnsafeMutableBufferPointer { kinds in
            var auth = unsafe virConnectAuth(
              credtype: kinds.baseAddress, ncredtype: UInt32(kinds.count), cb: nil, cbdata: nil)
            return unsafe virConnectOpenAuth(uri.map(withoutPrompts), &auth, flags)
          }
        })
      if keepsAlive { connection.keepAlive() }
      return connection
    } catch {
      var error = error
      error.kind = .connection
      error.message = ([error.message] + ClientLog.warnings(since: logged)).joined(separator: ": ")
      throw error
    }
  }

  /// Closes the connection when three questions, 5 s apart, were not answered; after 20 s.
  ///
  /// `virConnectSetKeepAlive`, which answers with 1 or an error where driver or daemon have no
  /// such thing; then the deadlines of the calls are what counts.
  private func keepAlive() {
    Job.current?.willCall("virConnectSetKeepAlive")
    _ = unsafe virConnectSetKeepAlive(pointer, 5, 3)
  }

  /// Another reference to the same connection, for another thread; `virConnectRef`.
  func reference() throws(HypervisorError) -> sending Connection {
    try libvirt("virConnectRef") { unsafe virConnectRef(pointer) }
    return unsafe Connection(pointer)
  }

  // MARK: What the host is

  /// The driver's name, such as `QEMU`; `virConnectGetType`.
  func type() throws(HypervisorError) -> String {
    let name = unsafe try libvirt("virConnectGetType") { unsafe virConnectGetType(pointer) }
    return unsafe String(cString: name)
  }

  /// The version of libvirt at the other end; `virConnectGetLibVersion`.
  func libvirtVersion() throws(HypervisorError) -> LibvirtVersion {
    var version: UInt = 0
    try libvirt("virConnectGetLibVersion") { unsafe virConnectGetLibVersion(pointer, &version) }
    return LibvirtVersion(encoded: version)
  }

  /// The hypervisor's version; `virConnectGetVersion`.
  func hypervisorVersion() throws(HypervisorError) -> LibvirtVersion {
    var version: UInt = 0
    try libvirt("virConnectGetVersion") { unsafe virConnectGetVersion(pointer, &version) }
    return LibvirtVersion(encoded: version)
  }

  /// The host's own name; `virConnectGetHostname`.
  func hostname() throws(HypervisorError) -> String {
    unsafe try string("virConnectGetHostname") { unsafe virConnectGetHostname(pointer) }
  }

  /// The URI as libvirt resolved it; `virConnectGetURI`.
  func uri() throws(HypervisorError) -> String {
    unsafe try string("virConnectGetURI") { unsafe virConnectGetURI(pointer) }
  }

  /// What the host can do, as XML; `virConnectGetCapabilities`.
  func capabilities() throws(HypervisorError) -> String {
    unsafe try string("virConnectGetCapabilities") { unsafe virConnectGetCapabilities(pointer) }
  }

  /// The host's memory figures by libvirt's names for them; `virNodeGetMemoryStats`.
  func memoryStatistics() throws(HypervisorError) -> [String: MemorySize] {
    let allCells = VIR_NODE_MEMORY_STATS_ALL_CELLS.rawValue
    var count: Int32 = 0
    let call = "virNodeGetMemoryStats"
    // The driver wants just as much room as it says that it needs.
    try libvirt(call) { unsafe virNodeGetMemoryStats(pointer, allCells, nil, &count, 0) }
    var figures = [virNodeMemoryStats](repeating: virNodeMemoryStats(), count: Int(count))
    try libvirt(call) { unsafe virNodeGetMemoryStats(pointer, allCells, &figures, &count, 0) }
    let named = figures.prefix(Int(count)).map {
      (string(ofField: $0.field), MemorySize.kibibytes($0.value))
    }
    return Dictionary(named) { first, _ in first }
  }

  /// The free memory of the host's NUMA nodes up to `last`; `virNodeGetCellsFreeMemory`.
  ///
  /// A node that is not there has none.
  func freeMemory(ofNodesUpTo last: UInt32) throws(HypervisorError) -> [MemorySize] {
    var sizes = [UInt64](repeating: 0, count: Int(last) + 1)
    let count = try libvirt("virNodeGetCellsFreeMemory") {
      unsafe virNodeGetCellsFreeMemory(pointer, &sizes, 0, Int32(sizes.count))
    }
    return sizes.prefix(Int(count)).map(MemorySize.init(bytes:))
  }

  // MARK: Domains

  /// The domain with this UUID; `virDomainLookupByUUIDString`.
  func domain(uuid: String) throws(HypervisorError) -> DomainHandle {
    unsafe DomainHandle(
      adopting: try libvirt("virDomainLookupByUUIDString") {
        unsafe virDomainLookupByUUIDString(pointer, uuid)
      })
  }

  /// The domains that pass `filters`, all of them where there is none; `virConnectListAllDomains`.
  func domains(
    _ filters: virConnectListAllDomainsFlags...
  ) throws(HypervisorError) -> [DomainEntry] {
    var list: UnsafeMutablePointer<virDomainPtr?>?
    let flags = filters.reduce(0) { $0 | UInt32($1.rawValue) }
    let count = try libvirt("virConnectListAllDomains") {
      unsafe virConnectListAllDomains(pointer, &list, flags)
    }
    defer { unsafe free(list) }
    // Every handle is adopted before the first of them can fail.
    return try unsafe UnsafeBufferPointer(start: list, count: Int(count))
      .compactMap { unsafe $0 }
      .map { domain in
        Result { () throws(HypervisorError) in
          unsafe try DomainEntry(DomainHandle(adopting: domain))
        }
      }
      .map { (entry) throws(HypervisorError) in try entry.get() }
  }

  /// State and balloon of every active domain, as far as no job is in the way; of every other too
  /// where the driver can't choose; `virConnectGetAllDomainStats`.
  func statisticsOfActive() throws(HypervisorError) -> [DomainStatistics] {
    let flags =
      VIR_CONNECT_GET_ALL_DOMAINS_STATS_ACTIVE.rawValue
      | VIR_CONNECT_GET_ALL_DOMAINS_STATS_NOWAIT.rawValue
    return unsafe try statistics("virConnectGetAllDomainStats", flags: UInt32(flags)) {
      list, kinds, flags in
      unsafe virConnectGetAllDomainStats(pointer, kinds, list, flags)
    }
  }
}

/// `uri`, with what keeps an ssh child from asking on the terminal.
///
/// ssh asks by itself for passwords and unknown hosts; `no_tty=1` is libvirt's word against it.
func withoutPrompts(_ uri: String) -> String {
  guard let scheme = uri.firstRange(of: "://"),
    uri[..<scheme.lowerBound].lowercased().hasSuffix("+ssh")
  else { return uri }
  let end = uri.firstIndex(of: "#") ?? uri.endIndex
  let query = uri[..<end].drop { $0 != "?" }
  // Of a parameter that is there twice the last counts; `;` parts where no `&` does.
  let separator = query.isEmpty ? "?" : query.contains(";") && !query.contains("&") ? ";" : "&"
  return uri[..<end] + separator + "no_tty=1" + uri[end...]
}
