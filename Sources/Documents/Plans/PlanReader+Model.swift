// SPDX-License-Identifier: Apache-2.0

internal import MemoryModel

// Reads the model's values in the form in which ``PlanDocument`` writes them.
extension PlanReader {
  static let topLevel = [
    "created", "diagnostics", "domains", "format", "hosts", "id", "kind", "removed", "summary",
  ]

  private static let counts = [
    "blocked", "change", "domains", "inSync", "pendingRestart", "steps", "suspended",
    "unobserved",
  ]

  /// The plan; members computed from it, such as `summary`, are verified only by comparing the
  /// file's bytes.
  static func plan(_ document: JSONObject) throws(JSONMistake) -> Plan {
    let kind: Plan.Kind = try document["kind"].word()
    let counts = Self.counts + (kind == .apply ? ["done"] : [])
    let summary = try document["summary"].members(counts)
    for count in counts { _ = try summary[count].integer() as UInt64 }
    let hosts = try document["hosts"].elements(host)
    let known = Dictionary(hosts.map { ($0.name, $0) }) { first, _ in first }
    var plan = Plan(
      kind: kind, hosts: hosts,
      domains: try document["domains"].elements { (json) throws(JSONMistake) in
        let domain = try domain(json, hasResults: kind == .apply)
        let host = known[domain.host ?? ""]
        // A definition in an XML file may have no UUID, and virtmem never applies a plan for such
        // files.
        let isComplete =
          domain.basis != nil && domain.goalHash != nil
          && (domain.uuid != nil || host?.origin == .definitions)
        guard domain.steps.isEmpty || host != nil && isComplete else {
          throw json.invalid("a domain with steps has a basis, an outcome, a uuid and a known host")
        }
        return domain
      },
      diagnostics: try document["diagnostics"].elements(diagnostic))
    plan.removed = try document["removed"].elements(removed)
    return plan
  }

  private static func removed(_ json: JSONValue) throws(JSONMistake) -> RemovedDeclaration {
    let removed = try json.members(["fields", "host", "name"])
    return RemovedDeclaration(
      host: try removed["host"].optionalString(), name: try removed["name"].string(),
      fields: try removed["fields"].unlessNull { (json) throws(JSONMistake) in
        try json.elements { (field) throws(JSONMistake) in try field.fieldPath() }
      })
  }

  private static func host(_ json: JSONValue) throws(JSONMistake) -> PlannedHost {
    let host = try json.members([
      "facts", "hypervisor", "libvirt", "memory", "name", "observedAt", "origin", "reserve",
      "suspended", "uri", "uriFrom", "uuid",
    ])
    let facts = try host["facts"].members(["cgroup", "hugepageSize", "hugepages"])
    return PlannedHost(
      name: try host["name"].string(),
      uuid: try host["uuid"].optionalString(),
      uri: try host["uri"].unlessNull { (json) throws(JSONMistake) in try json.uri() },
      libvirt: try host["libvirt"].unlessNull(version),
      hypervisor: try host["hypervisor"].optionalString().map { HypervisorRelease($0) },
      reserve: try host["reserve"].unlessNull(size),
      memory: try host["memory"].unlessNull(memory),
      uriFrom: try host["uriFrom"].word(), origin: try host["origin"].word(),
      observedAt: try host["observedAt"].optionalString(),
      isSuspended: try host["suspended"].boolean(),
      facts: DeclaredFacts(
        cgroup: try facts["cgroup"].optionalString(),
        hugepageSize: try facts["hugepageSize"].unlessNull(size),
        hugepages: try facts["hugepages"].unlessNull { (json) throws(JSONMistake) in
          try json.word()
        }))
  }

  /// The host's memory; `before` and `reserve` repeat other members.
  private static func memory(_ json: JSONValue) throws(JSONMistake) -> HostMemory {
    let hasCourses = json.has("byNode")
    let memory = try json.members(
      ["after", "available", "before", "guests", "nodes", "peak", "reserve", "total"]
        + (hasCourses ? ["byNode"] : []))
    return HostMemory(
      total: try memory["total"].unlessNull(size), guests: try memory["guests"].unlessNull(size),
      available: try memory["available"].size(), leastAvailable: try memory["peak"].size(),
      availableAfter: try memory["after"].size(), nodes: try memory["nodes"].elements(node),
      courses: hasCourses ? try memory["byNode"].elements(course) : [])
  }

  private static func course(_ json: JSONValue) throws(JSONMistake) -> NodeCourse {
    let course = try json.members(["after", "before", "node", "pageSize", "peak"])
    return NodeCourse(
      node: try course["node"].integer(), pageSize: try course["pageSize"].unlessNull(size),
      free: try course["before"].size(), leastFree: try course["peak"].size(),
      freeAfter: try course["after"].size())
  }

  private static func node(_ json: JSONValue) throws(JSONMistake) -> HostNode {
    let node = try json.members(["free", "node", "pages", "total"])
    return HostNode(
      try node["node"].integer(), total: try node["total"].unlessNull(size),
      free: try node["free"].unlessNull(size), pools: try node["pages"].elements(pool))
  }

  private static func pool(_ json: JSONValue) throws(JSONMistake) -> HugepagePool {
    let pool = try json.members(["free", "size", "total"])
    return HugepagePool(
      size: try pool["size"].size(), total: try pool["total"].integer(),
      free: try pool["free"].unlessNull { (json) throws(JSONMistake) in try json.integer() })
  }

  private static func size(_ json: JSONValue) throws(JSONMistake) -> MemorySize {
    try json.size()
  }

  private static func version(_ json: JSONValue) throws(JSONMistake) -> Version {
    guard let version = Version(try json.string()) else {
      throw json.invalid("this is no version of libvirt")
    }
    return version
  }

  /// The members of a domain; those of an apply's document have a result.
  static func domainKeys(hasResults: Bool) -> [String] {
    [
      "basis", "blockers", "fields", "headroom", "host", "name", "outcome", "policy", "source",
      "state", "steps", "uuid", "verdict",
    ] + (hasResults ? ["result"] : [])
  }

  private static func domain(
    _ json: JSONValue, hasResults: Bool
  ) throws(JSONMistake) -> DomainPlan {
    let domain = try json.members(domainKeys(hasResults: hasResults))
    return DomainPlan(
      name: try domain["name"].string(),
      uuid: try domain["uuid"].optionalString(),
      host: try domain["host"].optionalString(),
      state: try domain["state"].unlessNull { (json) throws(JSONMistake) in try json.word() },
      verdict: try domain["verdict"].word(), policy: try policy(domain["policy"]),
      basis: try domain["basis"].optionalString(),
      goalHash: try domain["outcome"].optionalString(),
      fields: try domain["fields"].elements(field),
      steps: try domain["steps"].elements { (json) throws(JSONMistake) in
        try step(json, hasResults: hasResults)
      },
      blockers: try domain["blockers"].elements(blocker),
      headroom: try domain["headroom"].unlessNull(headroom),
      position: try domain["source"].unlessNull(position))
  }

  private static func headroom(_ json: JSONValue) throws(JSONMistake) -> Headroom {
    let members = try json.members([
      "afterStart", "balloon", "host", "hotplug", "missing", "virtioMem",
    ])
    return Headroom(
      balloon: try members["balloon"].size(),
      virtioMem: try members["virtioMem"].size(),
      hotplug: try members["hotplug"].size(),
      missing: try members["missing"].elements { (json) throws(JSONMistake) in try json.word() },
      afterStart: try members["afterStart"].size(),
      host: try members["host"].unlessNull { (json) throws(JSONMistake) in
        let supply = try json.members(["memory", "nodes", "pageSize"])
        return Headroom.Supply(
          memory: try supply["memory"].size(),
          nodes: try supply["nodes"].unlessNull { (json) throws(JSONMistake) in
            try json.parsed { NodeSet($0) }
          }, pageSize: try supply["pageSize"].unlessNull(size))
      })
  }

  private static func policy(_ json: JSONValue) throws(JSONMistake) -> Policy {
    let members = try json.members(["disruption", "restart", "shrink"])
    let restart = try members["restart"].members(["force", "timeout"])
    var policy = Policy()
    policy.disruption = try members["disruption"].word()
    policy.shrink = try members["shrink"].word()
    policy.restart.force = try restart["force"].boolean()
    policy.restart.timeoutSeconds = try restart["timeout"].integer()
    return policy
  }

  private static func field(_ json: JSONValue) throws(JSONMistake) -> PlannedField {
    let field = try json.members([
      "desired", "heldBack", "live", "ofThisChange", "path", "persistent", "source", "verdict",
    ])
    let (path, row) = try field["path"].field()
    return PlannedField(
      path: path, desired: try field["desired"].value(of: row),
      live: try field["live"].optionalValue(of: row),
      persistent: try field["persistent"].optionalValue(of: row),
      verdict: try field["verdict"].word(),
      heldBack: try field["heldBack"].unlessNull { (json) throws(JSONMistake) in try json.word() },
      isOfThisChange: try field["ofThisChange"].boolean(),
      source: try field["source"].unlessNull(position))
  }

  /// The members of a step; those of an apply's document have a result.
  static func stepKeys(of json: JSONValue, hasResults: Bool) -> [String] {
    [
      "action", "api", json.has(Operation.waitName) ? Operation.waitName : "changes",
      "disruption", "flags", "id", "needs", "plane", "reason",
    ] + (hasResults ? ["result"] : [])
  }

  private static func step(
    _ json: JSONValue, hasResults: Bool
  ) throws(JSONMistake) -> Step {
    let step = try json.members(stepKeys(of: json, hasResults: hasResults))
    _ = try step["api"].optionalString()
    let operation =
      json.has(Operation.waitName) ? try wait(step) : Operation.call(try call(step))
    return Step(
      id: try step["id"].string(), operation: operation,
      disruption: try step["disruption"].word(), reason: try step["reason"].string(),
      needs: try step["needs"].strings())
  }

  private static func wait(_ step: JSONObject) throws(JSONMistake) -> Operation {
    guard try step["action"].string() == Operation.waitName else {
      throw step["action"].invalid("a step with `\(Operation.waitName)` has this action only")
    }
    let plane: Plane = try step["plane"].word()
    guard plane == .live else {
      throw step["plane"].invalid("a guest is waited for on the live definition only")
    }
    return .wait(try step[Operation.waitName].elements(change))
  }

  private static func call(_ step: JSONObject) throws(JSONMistake) -> Call {
    let hasFlags = try !step["flags"].strings().isEmpty
    var call = Call(
      try step["action"].word(), on: try step["plane"].word(),
      changes: try step["changes"].elements(change))
    // If the default form of the call has flags but the document lists none, the plan uses the form
    // without flags.
    if !hasFlags && !call.flags.isEmpty { call.form = .plain }
    return call
  }

  private static func change(_ json: JSONValue) throws(JSONMistake) -> Change {
    let change = try json.members(["field", "from", "to"])
    let (path, row) = try change["field"].field()
    return Change(
      field: path, from: try change["from"].optionalValue(of: row),
      to: try change["to"].optionalValue(of: row))
  }

  private static func blocker(_ json: JSONValue) throws(JSONMistake) -> Blocker {
    let blocker = try json.members(["detail", "field", "remedy", "rule", "summary"])
    return Blocker(
      rule: Rule(named: try blocker["rule"].string()),
      field: try blocker["field"].optionalFieldPath(),
      summary: try blocker["summary"].string(), detail: try blocker["detail"].string(),
      remedy: try blocker["remedy"].string())
  }

  private static func diagnostic(_ json: JSONValue) throws(JSONMistake) -> Diagnostic {
    let diagnostic = try json.members([
      "detail", "domain", "field", "host", "remedy", "rule", "severity", "source", "summary",
    ])
    return Diagnostic(
      try diagnostic["severity"].word(), rule: Rule(named: try diagnostic["rule"].string()),
      host: try diagnostic["host"].optionalString(),
      domain: try diagnostic["domain"].optionalString(),
      field: try diagnostic["field"].optionalFieldPath(),
      summary: try diagnostic["summary"].string(), detail: try diagnostic["detail"].string(),
      remedy: try diagnostic["remedy"].string(),
      source: try diagnostic["source"].unlessNull(position))
  }

  private static func position(_ json: JSONValue) throws(JSONMistake) -> SourcePosition {
    let position = try json.members(["column", "file", "line"])
    return SourcePosition(
      file: try position["file"].string(), line: try position["line"].integer(),
      column: try position["column"].integer())
  }
}
