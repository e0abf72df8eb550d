// SPDX-License-Identifier: Apache-2.0

internal import MemoryModel

// Reads the model's values, key by key, in the form in which ``Snapshot`` writes them.
extension SnapshotReader {
  /// The entry in a line, which is the line's only member.
  static func entry(_ json: JSONValue) throws(JSONMistake) -> SnapshotEntry {
    var line = try json.members()
    let entry: SnapshotEntry
    if let domain = line.take("domain") {
      entry = try self.domain(domain)
    } else if let host = line.take("host") {
      entry = .host(try self.host(host))
    } else {
      entry = try unreadable(line.require("unreadable"))
    }
    try line.finish()
    return entry
  }

  private static func host(_ json: JSONValue) throws(JSONMistake) -> Snapshot.Host {
    var members = try json.members()
    guard let failure = members.take("error") else { return try observedHost(members) }
    let error = try error(failure)
    let name = try members.require("name").string()
    let uri = try members.take("uri")?.uri()
    try members.finish()
    return Snapshot.Host(name: name, uri: uri, observation: .unobserved(error))
  }

  private static func observedHost(
    _ members: JSONMembers
  ) throws(JSONMistake) -> Snapshot.Host {
    var members = members
    let availableMemory = try members.take("availableMemory")?.size()
    let driver = HypervisorDriver(connectionType: try members.require("driver").string())
    let guestMemory = try members.take("guestMemory")?.size()
    let hostname = try members.take("hostname")?.string()
    let hypervisor = try members.take("hypervisor").map { (json) throws(JSONMistake) in
      HypervisorRelease(try json.string())
    }
    let version = try members.require("libvirt").parsed(Version.init)
    let name = try members.require("name").string()
    let nodes = try members.take("nodes")?.someElements().map(node) ?? []
    let pageSizes = try sizes(members.take("pageSizes"))
    let isPartial = try flag(members.take("partial"))
    let resolved = try members.take("resolvedURI")?.uri()
    let isSession = try flag(members.take("session"))
    let totalMemory = try members.take("totalMemory")?.size()
    let uri = try members.take("uri")?.uri()
    let uuid = try members.take("uuid")?.string()
    try members.finish()
    return Snapshot.Host(
      name: name, uri: uri, isPartial: isPartial,
      observation: .observed(
        ObservedHost(
          uuid: uuid, hostname: hostname, uri: resolved, driver: driver, libvirt: version,
          hypervisor: hypervisor, isSession: isSession, availableMemory: availableMemory,
          totalMemory: totalMemory, guestMemory: guestMemory, nodes: nodes,
          pageSizes: pageSizes)))
  }

  private static func node(_ json: JSONValue) throws(JSONMistake) -> HostNode {
    var members = try json.members()
    let free = try members.take("free")?.size()
    var node = HostNode(try members.require("number").integer())
    node.free = free
    node.pools = try members.take("pools")?.someElements().map(pool) ?? []
    node.total = try members.take("total")?.size()
    try members.finish()
    return node
  }

  private static func pool(_ json: JSONValue) throws(JSONMistake) -> HugepagePool {
    var members = try json.members()
    let free: UInt64? = try members.take("free")?.integer()
    let size = try members.require("size").size()
    let pages = try members.require("total")
    let total: UInt64 = try pages.integer()
    let (bytes, isTooMuch) = size.bytes.multipliedReportingOverflow(by: max(total, free ?? 0))
    guard !isTooMuch, bytes <= MemorySize.maximum.bytes else {
      throw pages.invalid("these are more huge pages than any host has memory for")
    }
    try members.finish()
    return HugepagePool(size: size, total: total, free: free)
  }

  private static func sizes(_ json: JSONValue?) throws(JSONMistake) -> [MemorySize] {
    try json?.someElements().map { (size) throws(JSONMistake) in try size.size() } ?? []
  }

  /// A boolean member, which is omitted if it is false.
  static func flag(_ json: JSONValue?) throws(JSONMistake) -> Bool {
    try json?.boolean() ?? false
  }

  private static func error(_ json: JSONValue) throws(JSONMistake) -> HypervisorError {
    var members = try json.members()
    let call = try members.require("call").string()
    let code: Int32 = try members.require("code").integer()
    let domain: Int32 = try members.require("domain").integer()
    let kind = try members.require("kind").parsed(HypervisorError.Kind.init)
    let message = try members.require("message").string()
    try members.finish()
    return HypervisorError(kind, call: call, code: code, domain: domain, message: message)
  }

  private static func unreadable(_ json: JSONValue) throws(JSONMistake) -> SnapshotEntry {
    var members = try json.members()
    let error = try error(members.require("error"))
    let host = try members.require("host").string()
    let name = try members.require("name").string()
    let uuid = try members.require("uuid").string()
    try members.finish()
    return .unreadable(UnreadableDomain(name: name, uuid: uuid, error: error), host: host)
  }

  private static func domain(_ json: JSONValue) throws(JSONMistake) -> SnapshotEntry {
    var members = try json.members()
    let isActive = try flag(members.take("active"))
    let architecture = try members.take("architecture")?.string()
    let host = try members.require("host").string()
    let job = try members.take("job")?.string()
    let live = try members.take("live").map(definition)
    let hasManagedSave = try flag(members.take("managedSave"))
    let name = try members.require("name").string()
    let persistent = try members.take("persistent").map(definition)
    let sharesHostMemory = try flag(members.take("sharesHostMemory"))
    let state = try members.require("state").parsed(DomainState.init)
    let statistics = try members.take("statistics").map(statistics)
    let isTransient = try flag(members.take("transient"))
    let unsupported: [Action] =
      try members.take("unsupported")?.someElements().map { (action) throws(JSONMistake) in
        try action.word()
      } ?? []
    let uuid = try members.require("uuid").string()
    try members.finish()
    return .domain(
      ObservedDomain(
        name: name, uuid: uuid, state: state, isActive: isActive, isPersistent: !isTransient,
        hasManagedSave: hasManagedSave, job: job, live: live, persistent: persistent,
        statistics: statistics, unsupported: Set(unsupported), architecture: architecture,
        sharesHostMemory: sharesHostMemory),
      host: host)
  }

  private static func statistics(_ json: JSONValue) throws(JSONMistake) -> BalloonStatistics {
    var members = try json.members()
    var statistics = BalloonStatistics(actual: try members.take("actual")?.size())
    statistics.ageSeconds = try members.take("age")?.integer()
    statistics.resident = try members.take("resident")?.size()
    statistics.usable = try members.take("usable")?.size()
    try members.finish()
    return statistics
  }
}
