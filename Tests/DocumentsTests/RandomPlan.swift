// SPDX-License-Identifier: Apache-2.0

import TestSupport
import MemoryModel

/// Any plan that a document can hold, with texts that the document has to escape.
struct RandomPlan {
  private var generator: SeededGenerator

  init(seed: UInt64) {
    generator = SeededGenerator(seed: seed)
  }

  private mutating func next() -> UInt64 { generator.next() }

  private mutating func pick<Element>(_ elements: [Element]) -> Element {
    elements[Int(next() % UInt64(elements.count))]
  }

  private mutating func maybe<Value>(_ value: (inout RandomPlan) -> Value) -> Value? {
    next() % 3 == 0 ? nil : value(&self)
  }

  private mutating func several<Value>(_ value: (inout RandomPlan) -> Value) -> [Value] {
    (0..<next() % 4).map { _ in value(&self) }
  }

  private mutating func text() -> String {
    let pieces = [
      "web-01", " ", "", "a: b", "# c", "\"", "\\", "/", "\n", "\t", "\r", "\0", "\u{1}", "\u{7F}",
      "\u{85}", "\u{2028}", "\u{FEFF}", "\u{FFFF}", "\u{180E}", "\u{E000}", "\u{E0041}", "\\", "ä",
      "e\u{301}", "日本語", "👩‍👩‍👧", "null", "~",
      "true", "12", "0x1F", "---", "...", "{", "]", "&a", "*a", "!!str", "%", "<<",
      String(repeating: "long ", count: 300),
    ]
    return several { $0.pick(pieces) }.joined()
  }

  private mutating func bytes() -> UInt64 {
    pick([0, 1, 1023, 1024, 8 << 30, next() >> 1, next(), .max])
  }

  /// A value that `field` can hold.
  private mutating func value(of field: Field) -> FieldValue {
    pick(PlanReaderTests.samples(bytes(), bytes()).filter(field.takes))
  }

  private mutating func position() -> SourcePosition {
    SourcePosition(file: text(), line: Int(next() % 9999), column: Int(next() % 99))
  }

  private mutating func field() -> PlannedField {
    let field = pick(Field.all)
    return PlannedField(
      path: field.path(of: "7"), desired: value(of: field), live: maybe { $0.value(of: field) },
      persistent: maybe { $0.value(of: field) }, verdict: pick(Verdict.allCases),
      heldBack: maybe { $0.pick(HeldBack.allCases) }, isOfThisChange: pick([true, false]),
      source: maybe { $0.position() })
  }

  private mutating func change() -> Change {
    let field = pick(Field.all)
    return Change(
      field: field.path(of: "7"), from: maybe { $0.value(of: field) },
      to: maybe { $0.value(of: field) })
  }

  private mutating func step() -> Step {
    let changes = several { $0.change() }
    let operations: [Operation] =
      [.wait(changes)]
      + Action.allCases.map { .call(Call($0, on: pick(Plane.allCases), changes: changes)) }
    return Step(
      id: text(), operation: pick(operations), disruption: pick(Disruption.allCases),
      reason: text(),
      needs: several { $0.text() })
  }

  private mutating func blocker() -> Blocker {
    Blocker(
      rule: Rule(named: text()), field: maybe { $0.pick(Field.all).path(of: "7") }, summary: text(),
      detail: text(),
      remedy: text())
  }

  private mutating func domain(hosts: [String]) -> DomainPlan {
    var policy = Policy()
    policy.disruption = pick(Disruption.allCases)
    policy.shrink = pick(ShrinkPolicy.allCases)
    policy.restart.force = pick([true, false])
    policy.restart.timeoutSeconds = bytes()
    let states: [DomainState] = [
      .running, .idle, .paused, .inShutdown, .shutOff, .crashed, .pmsuspended, .noState,
    ]
    var domain = DomainPlan(
      name: text(), uuid: maybe { $0.text() }, host: maybe { $0.text() },
      state: maybe { $0.pick(states) }, verdict: pick(Verdict.allCases), policy: policy,
      fields: several { $0.field() }, blockers: several { $0.blocker() },
      position: maybe { $0.position() })
    domain.headroom = maybe { random in
      Headroom(
        balloon: MemorySize(bytes: random.bytes()), virtioMem: MemorySize(bytes: random.bytes()),
        hotplug: MemorySize(bytes: random.bytes()),
        missing: random.several { $0.pick(Headroom.Missing.allCases) },
        afterStart: MemorySize(bytes: random.bytes()),
        host: random.maybe { random in
          Headroom.Supply(
            memory: MemorySize(bytes: random.bytes()),
            nodes: random.maybe { _ in NodeSet([0...1]) },
            pageSize: random.maybe { MemorySize(bytes: $0.bytes()) })
        })
    }
    if !hosts.isEmpty {
      domain.steps = several { $0.step() }
    }
    if !domain.steps.isEmpty {
      (domain.basis, domain.goalHash, domain.uuid) = ("sha256:\(text())", text(), text())
      domain.host = pick(hosts)
    }
    return domain
  }

  private mutating func host() -> PlannedHost {
    let version = Version(Int(next() % 20), Int(next() % 20), Int(next() % 20))
    return PlannedHost(
      name: text(), uuid: maybe { $0.text() },
      uri: maybe { $0.pick(["qemu:///system", "hv01", "test:///a%20b.xml"]) },
      libvirt: maybe { _ in version },
      hypervisor: maybe { random in
        HypervisorRelease(name: random.text(), version: random.maybe { _ in version })
      },
      reserve: maybe { MemorySize(bytes: $0.bytes()) },
      memory: maybe { $0.memory() },
      uriFrom: pick(URIOrigin.allCases), origin: pick(PlannedHost.Origin.allCases),
      observedAt: maybe { $0.text() }, isSuspended: pick([true, false]),
      facts: DeclaredFacts(
        cgroup: maybe { $0.text() }, hugepageSize: maybe { MemorySize(bytes: $0.bytes()) },
        hugepages: maybe { $0.pick(HugepageSupply.allCases) }))
  }

  private mutating func memory() -> HostMemory {
    HostMemory(
      total: maybe { MemorySize(bytes: $0.bytes()) },
      guests: maybe { MemorySize(bytes: $0.bytes()) }, available: MemorySize(bytes: bytes()),
      leastAvailable: MemorySize(bytes: bytes()), availableAfter: MemorySize(bytes: bytes()),
      nodes: several { random in
        HostNode(
          UInt32(random.next() % 9), total: random.maybe { MemorySize(bytes: $0.bytes()) },
          free: random.maybe { MemorySize(bytes: $0.bytes()) },
          pools: random.several { random in
            HugepagePool(
              size: MemorySize(bytes: random.bytes()), total: random.next(),
              free: random.maybe { $0.next() })
          })
      },
      courses: several { random in
        NodeCourse(
          node: UInt32(random.next() % 9),
          pageSize: random.maybe { MemorySize(bytes: $0.bytes()) },
          free: MemorySize(bytes: random.bytes()), leastFree: MemorySize(bytes: random.bytes()),
          freeAfter: MemorySize(bytes: random.bytes()))
      })
  }

  private mutating func diagnostic() -> Diagnostic {
    Diagnostic(
      pick([.error, .warning, .note]), rule: Rule(named: text()), host: maybe { $0.text() },
      domain: maybe { $0.text() }, field: maybe { $0.pick(Field.all).path(of: "7") },
      summary: text(),
      detail: text(), remedy: text(), source: maybe { $0.position() })
  }

  mutating func plan() -> Plan {
    let hosts = several { $0.host() }
    var plan = Plan(
      kind: pick([.plan, .drift]), hosts: hosts,
      domains: several { $0.domain(hosts: hosts.map(\.name)) },
      diagnostics: several { $0.diagnostic() }, note: maybe { $0.text() })
    plan.tolerated = pick([[], [.blocked], [.unobserved], [.blocked, .unobserved]])
    return plan
  }

  private mutating func failure() -> StepFailure {
    .call(
      HypervisorError(
        pick([.refused, .deadline, .connection, .noDomain]), call: text(),
        code: Int32(next() % 200), domain: Int32(next() % 80), message: text()))
  }

  private mutating func result() -> StepResult {
    let field = pick(Field.all)
    let observed = maybe { $0.value(of: field) }.map { [field.path(of: "7"): $0] } ?? [:]
    return StepResult(
      pick([.done, .alreadyDone, .failed, .unknown, .skipped]), observed: observed,
      failure: maybe { $0.failure() }, seconds: Double(next() % 100_000_000) / 7_000)
  }

  /// Any report of an apply.
  mutating func report() -> ApplyReport {
    var plan = plan()
    plan.kind = .apply
    var steps: [String: StepResult] = [:]
    for domain in plan.domains.indices {
      for step in plan.domains[domain].steps.indices {
        let id = "h/\(domain)/\(step)"
        plan.domains[domain].steps[step].id = id
        steps[id] = maybe { $0.result() }
      }
    }
    let domains = plan.domains.map { domain in
      let status: DomainResult.Status =
        domain.steps.isEmpty ? .done : pick([.done, .failed, .stale, .skipped])
      return DomainResult(
        status, observed: pick(Verdict.allCases), failure: maybe { $0.failure() })
    }
    return ApplyReport(plan: plan, steps: steps, domains: domains, closing: plan)
  }
}
