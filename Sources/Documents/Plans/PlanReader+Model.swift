// SPDX-License-Identifier: Apache-2.0

internal import YAML
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
  static func plan(_ document: PlanMembers) throws(PlanMistake) -> Plan {
    let kind: Plan.Kind = try document["kind"].word()
    let counts = Self.counts + (kind == .apply ? ["done"] : [])
    let summary = try document["summary"].members(counts)
    for count in counts { _ = try summary[count].integer() as UInt64 }
    let hosts = try document["hosts"].elements(host)
    let known = Dictionary(hosts.map { ($0.name, $0) }) { first, _ in first }
    _ = try document["removed"].strings()
    return Plan(
      kind: kind, hosts: hosts,
      domains: try document["domains"].elements { (node) throws(PlanMistake) in
        let domain = try domain(node, hasResults: kind == .apply)
        let host = known[domain.host ?? ""]
        // A definition in an XML file may have no UUID, and virtmem never applies a plan for such
        // files.
        let isComplete =
          domain.basis != nil && domain.goalHash != nil
          && (domain.uuid != nil || host?.origin == .definitions)
        guard domain.steps.isEmpty || host != nil && isComplete else {
          throw node.invalid("a domain with steps has a basis, an outcome, a uuid and a known host")
        }
        return domain
      },
      diagnostics: try document["diagnostics"].elements(diagnostic))
  }

  private static func host(_ node: YAMLNode) throws(PlanMistake) -> PlannedHost {
    let host = try node.members([
      "facts", "hypervisor", "libvirt", "memory", "name", "observedAt", "origin", "reserve",
      "suspended", "uri", "uriFrom", "uuid",
    ])
    let facts = try host["facts"].members(["cgroup", "hugepageSize"])
    return PlannedHost(
      name: try host["name"].string(),
      uuid: try host["uuid"].optionalString(),
      uri: try host["uri"].optionalURI(),
      libvirt: try host["libvirt"].unlessNull(version),
      hypervisor: try host["hypervisor"].optionalString().map { HypervisorRelease($0) },
      reserve: try host["reserve"].unlessNull(size),
      memory: try host["memory"].unlessNull(memory),
      uriFrom: try host["uriFrom"].word(), origin: try host["origin"].word(),
      observedAt: try host["observedAt"].optionalString(),
      isSuspended: try host["suspended"].boolean(),
      facts: HostFacts(
        cgroup: try facts["cgroup"].optionalString(),
        hugepageSize: try facts["hugepageSize"].unlessNull(size)))
  }

  /// The host's memory; `before` and `reserve` repeat other members.
  private static func memory(_ node: YAMLNode) throws(PlanMistake) -> HostMemory {
    let memory = try node.members(["after", "available", "before", "peak", "reserve"])
    return HostMemory(
      available: try size(memory["available"]), leastAvailable: try size(memory["peak"]),
      availableAfter: try size(memory["after"]))
  }

  private static func size(_ node: YAMLNode) throws(PlanMistake) -> MemorySize {
    MemorySize(bytes: try node.integer())
  }

  private static func version(_ node: YAMLNode) throws(PlanMistake) -> Version {
    guard let version = Version(try node.string()) else {
      throw node.invalid("this is no version of libvirt")
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
    _ node: YAMLNode, hasResults: Bool
  ) throws(PlanMistake) -> DomainPlan {
    let domain = try node.members(domainKeys(hasResults: hasResults))
    return DomainPlan(
      name: try domain["name"].string(),
      uuid: try domain["uuid"].optionalString(),
      host: try domain["host"].optionalString(),
      state: try domain["state"].unlessNull { (node) throws(PlanMistake) in try node.word() },
      verdict: try domain["verdict"].word(), policy: try policy(domain["policy"]),
      basis: try domain["basis"].optionalString(),
      goalHash: try domain["outcome"].optionalString(),
      fields: try domain["fields"].elements(field),
      steps: try domain["steps"].elements { (node) throws(PlanMistake) in
        try step(node, hasResults: hasResults)
      },
      blockers: try domain["blockers"].elements(blocker),
      headroom: try domain["headroom"].unlessNull(headroom),
      position: try domain["source"].unlessNull(position))
  }

  private static func headroom(_ node: YAMLNode) throws(PlanMistake) -> Headroom {
    let members = try node.members(["balloon", "hotplug", "missing", "virtioMem"])
    return Headroom(
      balloon: MemorySize(bytes: try members["balloon"].integer()),
      virtioMem: MemorySize(bytes: try members["virtioMem"].integer()),
      hotplug: MemorySize(bytes: try members["hotplug"].integer()),
      missing: try members["missing"].elements { (node) throws(PlanMistake) in try node.word() })
  }

  private static func policy(_ node: YAMLNode) throws(PlanMistake) -> Policy {
    let members = try node.members(["disruption", "restart", "shrink"])
    let restart = try members["restart"].members(["force", "timeout"])
    var policy = Policy()
    policy.disruption = try members["disruption"].word()
    policy.shrink = try members["shrink"].word()
    policy.restart.force = try restart["force"].boolean()
    policy.restart.timeoutSeconds = try restart["timeout"].integer()
    return policy
  }

  private static func field(_ node: YAMLNode) throws(PlanMistake) -> PlannedField {
    let field = try node.members([
      "desired", "heldBack", "live", "ofThisChange", "path", "persistent", "source", "verdict",
    ])
    let (path, row) = try row(field["path"])
    return PlannedField(
      path: path, desired: try value(field["desired"], of: row),
      live: try optionalValue(field["live"], of: row),
      persistent: try optionalValue(field["persistent"], of: row),
      verdict: try field["verdict"].word(),
      heldBack: try field["heldBack"].unlessNull { (node) throws(PlanMistake) in try node.word() },
      isOfThisChange: try field["ofThisChange"].boolean(),
      source: try field["source"].unlessNull(position))
  }

  /// The members of a step; those of an apply's document have a result.
  static func stepKeys(of node: YAMLNode, hasResults: Bool) -> [String] {
    [
      "action", "api", node.has(Operation.waitName) ? Operation.waitName : "changes",
      "disruption", "flags", "id", "needs", "plane", "reason",
    ] + (hasResults ? ["result"] : [])
  }

  private static func step(
    _ node: YAMLNode, hasResults: Bool
  ) throws(PlanMistake) -> Step {
    let step = try node.members(stepKeys(of: node, hasResults: hasResults))
    _ = try step["api"].optionalString()
    let operation =
      node.has(Operation.waitName) ? try wait(step) : Operation.call(try call(step))
    return Step(
      id: try step["id"].string(), operation: operation,
      disruption: try step["disruption"].word(), reason: try step["reason"].string(),
      needs: try step["needs"].strings())
  }

  private static func wait(_ step: PlanMembers) throws(PlanMistake) -> Operation {
    guard try step["action"].string() == Operation.waitName else {
      throw step["action"].invalid("a step with `\(Operation.waitName)` has this action only")
    }
    let plane: Plane = try step["plane"].word()
    guard plane == .live else {
      throw step["plane"].invalid("a guest is waited for on the live definition only")
    }
    return .wait(try step[Operation.waitName].elements(change))
  }

  private static func call(_ step: PlanMembers) throws(PlanMistake) -> Call {
    let hasFlags = try !step["flags"].strings().isEmpty
    var call = Call(
      try step["action"].word(), on: try step["plane"].word(),
      changes: try step["changes"].elements(change))
    // If the default form of the call has flags but the document lists none, the plan uses the form
    // without flags.
    if !hasFlags && !call.flags.isEmpty { call.form = .plain }
    return call
  }

  private static func change(_ node: YAMLNode) throws(PlanMistake) -> Change {
    let change = try node.members(["field", "from", "to"])
    let (path, row) = try row(change["field"])
    return Change(
      field: path, from: try optionalValue(change["from"], of: row),
      to: try optionalValue(change["to"], of: row))
  }

  private static func blocker(_ node: YAMLNode) throws(PlanMistake) -> Blocker {
    let blocker = try node.members(["detail", "field", "remedy", "rule", "summary"])
    return Blocker(
      rule: Rule(named: try blocker["rule"].string()),
      field: try blocker["field"].unlessNull(path),
      summary: try blocker["summary"].string(), detail: try blocker["detail"].string(),
      remedy: try blocker["remedy"].string())
  }

  private static func diagnostic(_ node: YAMLNode) throws(PlanMistake) -> Diagnostic {
    let diagnostic = try node.members([
      "detail", "domain", "field", "host", "remedy", "rule", "severity", "source", "summary",
    ])
    return Diagnostic(
      try diagnostic["severity"].word(), rule: Rule(named: try diagnostic["rule"].string()),
      host: try diagnostic["host"].optionalString(),
      domain: try diagnostic["domain"].optionalString(),
      field: try diagnostic["field"].unlessNull(path),
      summary: try diagnostic["summary"].string(), detail: try diagnostic["detail"].string(),
      remedy: try diagnostic["remedy"].string(),
      source: try diagnostic["source"].unlessNull(position))
  }

  private static func position(_ node: YAMLNode) throws(PlanMistake) -> SourcePosition {
    let position = try node.members(["column", "file", "line"])
    return SourcePosition(
      file: try position["file"].string(), line: try position["line"].integer(),
      column: try position["column"].integer())
  }
}
