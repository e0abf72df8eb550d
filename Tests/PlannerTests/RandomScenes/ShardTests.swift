// SPDX-License-Identifier: Apache-2.0
import Documents
import MemoryModel
import Planner
import TestSupport
import Testing
import YAML

/// The shards of a run, and what they are together.
@Suite struct ShardTests {
  /// Some hosts with some domains each; some hosts are silent, suspended, or lack a domain.
  struct RandomFleet {
    var state = DesiredState()
    var observations: [String: HostObservation] = [:]

    init(seed: UInt64) {
      var generator = SeededGenerator(seed: seed)
      for number in 0..<(1 + generator.next() % 9) {
        let name = "hv\(generator.next() % 90)-\(number)"
        var host = DesiredHost(name: name, uri: "qemu+tls://\(name)/system")
        if generator.next() % 8 == 0 {
          host.suspension = Suspension(until: Day("2026-11-01"), reason: "\(generator.next() % 2)")
        }
        state.hosts.append(host)
        var observed = PlannerTests.host([])
        observed.uuid = "uuid-of-\(name)"
        for _ in 0..<(generator.next() % 4) {
          add(RandomScene(seed: generator.next() % 5000), to: name, &observed, &generator)
        }
        observations[name] =
          generator.next() % 6 == 0 ? FleetTests.silence : .observed(observed)
      }
    }

    private mutating func add(
      _ scene: RandomScene, to host: String, _ observed: inout ObservedHost,
      _ generator: inout SeededGenerator
    ) {
      var (desired, domain) = (scene.desired, scene.observed)
      let name = "d\(state.domains.count)"
      (desired.name, domain.name, desired.host) = (name, name, host)
      desired.uuid = nil
      domain.uuid = "uuid-of-\(name)"
      desired.position = SourcePosition(file: "\(name).yaml", line: 1, column: 1)
      state.domains.append(desired)
      switch generator.next() % 8 {
      case 0: break
      case 1:
        let error = HypervisorError(.denied, call: "virDomainGetXMLDesc", message: "no")
        observed.unreadable.append(
          UnreadableDomain(name: name, uuid: domain.uuid, error: error))
      default: observed.domains.append(domain)
      }
    }

    /// The run's document, or that of one shard, as it is read back.
    func document(_ shard: Shard? = nil, created: String = "2026-08-22T09:12:00Z") throws
      -> SavedPlan
    {
      var selection = Selection.all
      selection.shard = shard
      let fleet = Fleet(state, selection: selection)
      let observed = Set(fleet.hostsToObserve.map(\.name))
      let plan = fleet.plan(observations.filter { observed.contains($0.key) })
      let bytes = PlanDocument.bytes(of: plan, created: created)
      return try PlanReader.read(YAMLSource(file: "plan.json", bytes: bytes), knowing: [])
    }
  }

  static func shards(_ count: Int) -> [Shard] { (1...count).compactMap { Shard("\($0)/\(count)") } }

  @Test("the shards of a run, joined, are the run", arguments: 0..<150)
  func law(seed: Int) throws {
    let fleet = RandomFleet(seed: UInt64(seed))
    let whole = try fleet.document()
    let shards = try Self.shards(1 + seed % 5).map {
      (file: "\($0).json", saved: try fleet.document($0))
    }
    let joined = try JoinedPlans.join(shards)
    #expect(joined.plan == whole.plan)
    #expect(joined.id == nil && joined.created == whole.created)
    #expect(shards.map(\.saved.plan.domains.count).reduce(0, +) == fleet.state.domains.count)
  }

  @Test("each host is in exactly one shard, and another host moves none")
  func partition() {
    let names = (0..<500).map { "hv\($0)" }
    for count in [1, 2, 7, 16] {
      let parts = Self.shards(count).map { shard in names.filter(shard.contains) }
      #expect(parts.map(\.count).reduce(0, +) == 500)
      #expect(Set(parts.joined()).count == 500)
      #expect(parts.allSatisfy { abs($0.count - 500 / count) < 60 })
    }
    // The parts of a release stay those of the release before: pipelines keep their artefacts.
    #expect(
      Self.shards(4).map { shard in names.prefix(8).filter(shard.contains) }.joined().count == 8)
  }

  @Test(
    "a shard is a number from 1 to the number of shards",
    arguments: [
      "0/4", "5/4", "1/0", "1", "1/", "/4", "1/4/2", "-1/4", "+1/4", "a/4", "1/70000", " 1/4",
    ])
  func form(text: String) {
    #expect(Shard(text) == nil)
  }

  @Test("an empty shard is an empty document")
  func empty() throws {
    var fleet = RandomFleet(seed: 1)
    let host = try #require(fleet.state.domains.first?.host)
    fleet.state.domains = fleet.state.domains.filter { $0.host == host }
    let documents = try Self.shards(2).map { try fleet.document($0) }
    let empty = try #require(documents.first { $0.plan.hosts.isEmpty })
    #expect(empty.plan == Plan())
  }

  static func mistake(_ files: [(file: String, saved: SavedPlan)]) -> Diagnostic? {
    do throws(InvalidPlan) {
      _ = try JoinedPlans.join(files)
      return nil
    } catch {
      return error.diagnostic
    }
  }

  @Test("documents with the same domain, of two kinds, or of two hosts of a name, are not joined")
  func refusals() throws {
    let plan = FleetTests.plan(
      [FleetTests.on("hv01")], ["hv01": FleetTests.sight("web-01")], hosts: [FleetTests.one])
    func saved(_ plan: Plan) throws -> SavedPlan {
      let bytes = PlanDocument.bytes(of: plan, created: "2026-08-22T09:12:00Z")
      return try PlanReader.read(YAMLSource(file: "plan.json", bytes: bytes), knowing: [])
    }
    let first = (file: "a.json", saved: try saved(plan))
    let twice = Self.mistake([first, (file: "b.json", saved: first.saved)])
    #expect(twice?.rule == .notOneRun && twice?.source?.file == "b.json")
    #expect(twice?.summary == "'web-01' is in this document and in 'a.json'")
    let drift = Self.mistake([first, (file: "b.json", saved: try saved(plan.driftReport))])
    #expect(drift?.summary.contains("virtmem drift") == true)
    var other = plan
    other.domains = []
    other.hosts[0].uuid = "another"
    let host = Self.mistake([first, (file: "b.json", saved: try saved(other))])
    #expect(host?.summary.contains("'hv01' is another one") == true)
  }

  @Test("joined documents are of the oldest time, and are read back")
  func times() throws {
    let fleet = RandomFleet(seed: 7)
    let times = ["2026-08-22T09:13:00Z", "2026-08-22T09:12:00Z", "2026-08-22T09:15:00Z"]
    let shards = try zip(Self.shards(3), times).map {
      (file: "\($0).json", saved: try fleet.document($0, created: $1))
    }
    let joined = try JoinedPlans.join(shards)
    #expect(joined.created == times[1] && joined.lastCreated == times[2])
    let bytes = PlanDocument.bytes(of: joined)
    let again = try PlanReader.read(YAMLSource(file: "all.json", bytes: bytes), knowing: [])
    #expect(again.plan == joined.plan && again.id == nil && again.created == times[1])
  }
}
