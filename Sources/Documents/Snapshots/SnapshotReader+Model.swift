// SPDX-License-Identifier: Apache-2.0

internal import YAML
internal import MemoryModel

// Reads the model's values, key by key, in the form in which `Snapshot` writes them.
extension SnapshotCursor {
  /// The entry in a line, which is the line's only member.
  mutating func entry() throws(SnapshotMistake) -> SnapshotEntry {
    try object { (cursor) throws(SnapshotMistake) in
      if cursor.takes("domain") { return try cursor.domain() }
      if cursor.takes("host") { return .host(try cursor.host()) }
      try cursor.require("unreadable")
      return try cursor.unreadable()
    }
  }

  private mutating func optional<Value>(
    _ key: String, _ read: (inout SnapshotCursor) throws(SnapshotMistake) -> Value
  ) throws(SnapshotMistake) -> Value? {
    takes(key) ? try read(&self) : nil
  }

  mutating func optionalString(_ key: String) throws(SnapshotMistake) -> String? {
    takes(key) ? try string() : nil
  }

  private mutating func optionalURI(_ key: String) throws(SnapshotMistake) -> String? {
    let start = offset
    guard let text = try optionalString(key) else { return nil }
    guard let refusal = URIRefusal(of: text) else { return text }
    throw SnapshotMistake(
      rule: .refusedURI, offset: start, summary: refusal.summary, detail: refusal.detail,
      remedy: URIRefusal.remedy)
  }

  private mutating func optionalSize(_ key: String) throws(SnapshotMistake) -> MemorySize? {
    takes(key) ? MemorySize(bytes: try integer()) : nil
  }

  private mutating func sizes(_ key: String) throws(SnapshotMistake) -> [MemorySize] {
    guard takes(key) else { return [] }
    var sizes: [UInt64] = []
    try array { (cursor) throws(SnapshotMistake) in sizes.append(try cursor.integer()) }
    return sizes.map(MemorySize.init(bytes:))
  }

  /// A boolean member, which is omitted if it is false.
  mutating func flag(_ key: String) throws(SnapshotMistake) -> Bool {
    takes(key) ? try boolean() : false
  }

  private mutating func requiredString(_ key: String) throws(SnapshotMistake) -> String {
    try require(key)
    return try string()
  }

  /// A string converted by `make`; a mistake if `make` returns nil.
  mutating func parsed<Value>(
    _ make: (String) -> Value?
  ) throws(SnapshotMistake) -> Value {
    let start = offset
    let text = try string()
    guard let value = make(text) else {
      throw mistake("this version knows no \(Quotation.quoted(text)) here", at: start)
    }
    return value
  }

  private mutating func host() throws(SnapshotMistake) -> Snapshot.Host {
    try object { (cursor) throws(SnapshotMistake) in
      if cursor.takes("error") {
        let error = try cursor.error()
        let name = try cursor.requiredString("name")
        return Snapshot.Host(
          name: name, uri: try cursor.optionalURI("uri"), observation: .unobserved(error))
      }
      return try cursor.observedHost()
    }
  }

  private mutating func observedHost() throws(SnapshotMistake) -> Snapshot.Host {
    let availableMemory = try optionalSize("availableMemory")
    let driver = HypervisorDriver(connectionType: try requiredString("driver"))
    let freeMemory = try sizes("freeMemory")
    let hostname = try optionalString("hostname")
    let hypervisor = try optionalString("hypervisor").map { HypervisorRelease($0) }
    try require("libvirt")
    let version = try parsed(Version.init)
    let name = try requiredString("name")
    let nodes = try optional("nodes") { (cursor) throws(SnapshotMistake) in
      try cursor.parsed { NodeSet($0) }
    }
    let pageSizes = try sizes("pageSizes")
    let (isPartial, resolved) = (try flag("partial"), try optionalURI("resolvedURI"))
    let isSession = try flag("session")
    let uri = try optionalURI("uri")
    return Snapshot.Host(
      name: name, uri: uri, isPartial: isPartial,
      observation: .observed(
        ObservedHost(
          uuid: try optionalString("uuid"), hostname: hostname, uri: resolved, driver: driver,
          libvirt: version, hypervisor: hypervisor, isSession: isSession,
          availableMemory: availableMemory, nodes: nodes, freeMemory: freeMemory,
          pageSizes: pageSizes)))
  }

  private mutating func error() throws(SnapshotMistake) -> HypervisorError {
    try object { (cursor) throws(SnapshotMistake) in
      let call = try cursor.requiredString("call")
      try cursor.require("code")
      let code = try cursor.integer(as: Int32.self)
      try cursor.require("domain")
      let domain = try cursor.integer(as: Int32.self)
      try cursor.require("kind")
      let kind = try cursor.parsed(HypervisorError.Kind.init)
      return HypervisorError(
        kind, call: call, code: code, domain: domain,
        message: try cursor.requiredString("message"))
    }
  }

  private mutating func unreadable() throws(SnapshotMistake) -> SnapshotEntry {
    try object { (cursor) throws(SnapshotMistake) in
      try cursor.require("error")
      let error = try cursor.error()
      let host = try cursor.requiredString("host")
      let name = try cursor.requiredString("name")
      let uuid = try cursor.requiredString("uuid")
      return .unreadable(UnreadableDomain(name: name, uuid: uuid, error: error), host: host)
    }
  }

  private mutating func domain() throws(SnapshotMistake) -> SnapshotEntry {
    try object { (cursor) throws(SnapshotMistake) in
      let isActive = try cursor.flag("active")
      let architecture = try cursor.optionalString("architecture")
      let host = try cursor.requiredString("host")
      let job = try cursor.optionalString("job")
      let live = try cursor.optional("live", Self.definition)
      let hasManagedSave = try cursor.flag("managedSave")
      let name = try cursor.requiredString("name")
      let persistent = try cursor.optional("persistent", Self.definition)
      let sharesHostMemory = try cursor.flag("sharesHostMemory")
      try cursor.require("state")
      let state = try cursor.parsed(DomainState.init)
      let statistics = try cursor.optional("statistics", Self.statistics)
      let isTransient = try cursor.flag("transient")
      var unsupported: Set<Action> = []
      if cursor.takes("unsupported") {
        try cursor.array { (cursor) throws(SnapshotMistake) in
          unsupported.insert(try cursor.parsed(Action.init))
        }
      }
      let uuid = try cursor.requiredString("uuid")
      return .domain(
        ObservedDomain(
          name: name, uuid: uuid, state: state, isActive: isActive, isPersistent: !isTransient,
          hasManagedSave: hasManagedSave, job: job, live: live, persistent: persistent,
          statistics: statistics, unsupported: unsupported, architecture: architecture,
          sharesHostMemory: sharesHostMemory),
        host: host)
    }
  }

  private static func statistics(
    _ cursor: inout SnapshotCursor
  ) throws(SnapshotMistake) -> BalloonStatistics {
    try cursor.object { (cursor) throws(SnapshotMistake) in
      var statistics = BalloonStatistics(actual: try cursor.optionalSize("actual"))
      if cursor.takes("age") { statistics.ageSeconds = try cursor.integer() }
      statistics.resident = try cursor.optionalSize("resident")
      statistics.usable = try cursor.optionalSize("usable")
      return statistics
    }
  }
}
