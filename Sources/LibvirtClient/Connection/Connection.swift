// SPDX-License-Identifier: Apache-2.0
import CLibvirt
import Glibc
import MemoryModel
import Platform

/// A reference to a libvirt connection (`virConnectPtr`); `virConnectClose` releases it.
///
/// The last reference closes the connection. Every function makes the C call that its comment
/// names, and blocks until libvirt returns.
@safe struct Connection: ~Copyable {
  // libvirt allows calls from several threads on one connection; each thread has its own reference.
  private nonisolated(unsafe) let pointer: virConnectPtr
  private let known: KnownDomains

  private init(_ pointer: virConnectPtr, _ known: KnownDomains = KnownDomains()) {
    unsafe self.pointer = unsafe pointer
    self.known = known
  }

  deinit {
    unsafe virConnectClose(pointer)
  }

  /// Opens a connection, for nil to libvirt's default URI; `virConnectOpenAuth`.
  ///
  /// Credentials come only from libvirt's `auth.conf`; virtmem never asks for them.
  ///
  /// - Throws: ``HypervisorError`` of the kind `connection` or `denied`.
  static func open(_ uri: String?, _ access: Access) throws(HypervisorError) -> Connection {
    guard libvirtIsReady else { throw .last(in: "virInitialize") }
    // libvirt supports keepalive only on connections that are opened after the event loop started.
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
            let uri = uri ?? environmentVariable("LIBVIRT_DEFAULT_URI")
            return unsafe virConnectOpenAuth(uri.map(withoutPrompts), &auth, flags)
          }
        })
      if keepsAlive { connection.keepAlive() }
      return connection
    } catch {
      var error = error
      if error.kind != .denied { error.kind = .connection }
      let warnings = ClientLog.warnings(since: logged).map(hidingPasswords)
      error.message = ([error.message] + warnings).joined(separator: ": ")
      throw error
    }
  }

  /// Makes libvirt close the connection after 20 s without an answer; `virConnectSetKeepAlive`.
  ///
  /// libvirt sends three probes, 5 s apart. Where the driver or the daemon does not support this,
  /// only the deadlines of the calls apply.
  private func keepAlive() {
    Job.current?.willCall("virConnectSetKeepAlive")
    _ = unsafe virConnectSetKeepAlive(pointer, 5, 3)
  }

  /// Makes another reference to the same connection, for another thread; `virConnectRef`.
  func reference() throws(HypervisorError) -> sending Connection {
    try libvirt("virConnectRef") { unsafe virConnectRef(pointer) }
    return unsafe Connection(pointer, known)
  }

  /// Releases the handles of all domains; the connection can close only without them.
  func forgetDomains() {
    known.forgetAll()
  }

  /// Whether the connection is not known to be broken; `virConnectIsAlive`, without a remote call.
  var isAlive: Bool { unsafe virConnectIsAlive(pointer) != 0 }

  // MARK: Host

  /// The name of the driver, such as `QEMU`; `virConnectGetType`.
  func type() throws(HypervisorError) -> String {
    let name = unsafe try libvirt("virConnectGetType") { unsafe virConnectGetType(pointer) }
    return unsafe String(cString: name)
  }

  /// The version of libvirt on the host; `virConnectGetLibVersion`.
  func libvirtVersion() throws(HypervisorError) -> Version {
    var version: UInt = 0
    try libvirt("virConnectGetLibVersion") { unsafe virConnectGetLibVersion(pointer, &version) }
    return Version(encoded: version)
  }

  /// The hypervisor's version; `virConnectGetVersion`.
  func hypervisorVersion() throws(HypervisorError) -> Version {
    var version: UInt = 0
    try libvirt("virConnectGetVersion") { unsafe virConnectGetVersion(pointer, &version) }
    return Version(encoded: version)
  }

  /// The name of the host; `virConnectGetHostname`.
  func hostname() throws(HypervisorError) -> String {
    unsafe try string("virConnectGetHostname") { unsafe virConnectGetHostname(pointer) }
  }

  /// The URI that libvirt resolved; `virConnectGetURI`.
  func uri() throws(HypervisorError) -> String {
    unsafe try string("virConnectGetURI") { unsafe virConnectGetURI(pointer) }
  }

  /// The host's capabilities as XML; `virConnectGetCapabilities`.
  func capabilities() throws(HypervisorError) -> String {
    unsafe try string("virConnectGetCapabilities") { unsafe virConnectGetCapabilities(pointer) }
  }

  /// The host's memory statistics by libvirt's names; `virNodeGetMemoryStats`.
  func memoryStatistics() throws(HypervisorError) -> [String: MemorySize] {
    let allCells = VIR_NODE_MEMORY_STATS_ALL_CELLS.rawValue
    let call = "virNodeGetMemoryStats"
    func figures(_ number: Int32) throws(HypervisorError) -> [virNodeMemoryStats] {
      var count = number
      var figures = [virNodeMemoryStats](repeating: virNodeMemoryStats(), count: Int(count))
      try libvirt(call) { unsafe virNodeGetMemoryStats(pointer, allCells, &figures, &count, 0) }
      return Array(figures.prefix(Int(count)))
    }
    // The driver accepts only exactly the number of its figures; on Linux it has four.
    var known: [virNodeMemoryStats]
    do throws(HypervisorError) {
      known = try figures(4)
    } catch  where error.kind == .refused {
      var count: Int32 = 0
      try libvirt(call) { unsafe virNodeGetMemoryStats(pointer, allCells, nil, &count, 0) }
      known = try figures(count)
    }
    let named = known.map {
      (string(ofField: $0.field), MemorySize.kibibytes($0.value))
    }
    return Dictionary(named) { first, _ in first }
  }

  /// The free memory of the NUMA nodes from 0 to `last`; `virNodeGetCellsFreeMemory`.
  ///
  /// A number without a node has no free memory.
  func freeMemory(ofNodesUpTo last: UInt32) throws(HypervisorError) -> [MemorySize] {
    var sizes = [UInt64](repeating: 0, count: Int(last) + 1)
    let count = try libvirt("virNodeGetCellsFreeMemory") {
      unsafe virNodeGetCellsFreeMemory(pointer, &sizes, 0, Int32(sizes.count))
    }
    return sizes.prefix(Int(count)).map(MemorySize.init(bytes:))
  }

  /// The number of free pages of each of `sizes` on each of `nodes`, node by node;
  /// `virNodeGetFreePages`.
  func freePages(
    _ sizes: [MemorySize], onNodes nodes: ClosedRange<UInt32>
  ) throws(HypervisorError) -> [UInt64] {
    var pages = sizes.map { UInt32(clamping: $0.kibibytesRoundedUp) }
    var counts = [UInt64](repeating: 0, count: pages.count * nodes.count)
    let count = try libvirt("virNodeGetFreePages") {
      unsafe virNodeGetFreePages(
        pointer, UInt32(pages.count), &pages, Int32(nodes.lowerBound), UInt32(nodes.count),
        &counts, 0)
    }
    return Array(counts.prefix(Int(count)))
  }

  // MARK: Domains

  /// The domain with this UUID, which this connection looks up only once.
  func entry(uuid: String) throws(HypervisorError) -> DomainEntry {
    if let entry = known[uuid] { return entry }
    let entry = try DomainEntry(domain(uuid: uuid))
    known[uuid] = entry
    return entry
  }

  /// The domain with this UUID; `virDomainLookupByUUIDString`.
  func domain(uuid: String) throws(HypervisorError) -> DomainHandle {
    unsafe DomainHandle(
      adopting: try libvirt("virDomainLookupByUUIDString") {
        unsafe virDomainLookupByUUIDString(pointer, uuid)
      })
  }

  /// The domain with this name; `virDomainLookupByName`.
  func domain(name: String) throws(HypervisorError) -> DomainHandle {
    unsafe DomainHandle(
      adopting: try libvirt("virDomainLookupByName") {
        unsafe virDomainLookupByName(pointer, name)
      })
  }

  /// The domains that match all `filters`; all domains without one; `virConnectListAllDomains`.
  func domains(
    _ filters: virConnectListAllDomainsFlags...
  ) throws(HypervisorError) -> [DomainEntry] {
    var list: UnsafeMutablePointer<virDomainPtr?>?
    let flags = filters.reduce(0) { $0 | UInt32($1.rawValue) }
    let count = try libvirt("virConnectListAllDomains") {
      unsafe virConnectListAllDomains(pointer, &list, flags)
    }
    defer { unsafe free(list) }
    // All handles are adopted before an error of one can be thrown, so that none leaks.
    let entries = try unsafe UnsafeBufferPointer(start: list, count: Int(count))
      .compactMap { unsafe $0 }
      .map { domain in
        Result { () throws(HypervisorError) in
          unsafe try DomainEntry(DomainHandle(adopting: domain))
        }
      }
      .map { (entry) throws(HypervisorError) in try entry.get() }
    known.add(entries)
    return entries
  }

  /// The UUIDs of the domains with a saved image; `virConnectListAllDomains`.
  func uuidsOfManagedSaves() throws(HypervisorError) -> Set<String> {
    Set(try domains(VIR_CONNECT_LIST_DOMAINS_MANAGEDSAVE).map(\.uuid))
  }

  /// The UUIDs of the domains with a saved image, as they were at most 250 ms ago.
  ///
  /// To get an image, a domain must be started and saved; domains that are looked at in the same
  /// moment share one call.
  func recentManagedSaves() throws(HypervisorError) -> Set<String> {
    try known.managedSaves { () throws(HypervisorError) in try uuidsOfManagedSaves() }
  }

  /// The state and balloon statistics of active domains; `virConnectGetAllDomainStats`.
  ///
  /// Where a job holds a domain, libvirt leaves out what it can't read at once (`NOWAIT`). A driver
  /// that can't filter returns the inactive domains too.
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

/// `uri` with the parameter `no_tty=1` for ssh, which stops ssh from asking on the terminal.
///
/// Without it ssh asks for passwords and for unknown host keys.
func withoutPrompts(_ uri: String) -> String {
  guard let scheme = uri.firstRange(of: "://"),
    uri[..<scheme.lowerBound].lowercased().hasSuffix("+ssh")
  else { return uri }
  let end = uri.firstIndex(of: "#") ?? uri.endIndex
  let query = uri[..<end].drop { $0 != "?" }
  // libvirt uses the last of equal parameters, and accepts `;` as separator only without `&`.
  let separator = query.isEmpty ? "?" : query.contains(";") && !query.contains("&") ? ";" : "&"
  return uri[..<end] + separator + "no_tty=1" + uri[end...]
}
