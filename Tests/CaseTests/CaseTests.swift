// SPDX-License-Identifier: Apache-2.0
import Documents
import FoundationEssentials
import LibvirtModel
import MemoryModel
import Planner
import Report
import TestSupport
import Testing
import YAML

/// The golden plans, and the properties that hold for each of them.
@Suite struct CaseTests {
  static let isRecording = ProcessInfo.processInfo.environment["RECORD"] == "1"

  @Test("the cases' folder has cases")
  func thereAreCases() {
    #expect(!CaseFolder.all.isEmpty)
  }

  @Test("a case's name is a sentence in kebab case", arguments: CaseFolder.all)
  func name(folder: CaseFolder) {
    #expect(folder.name.wholeMatch(of: /[a-z0-9]+(-[a-z0-9]+)+/) != nil)
  }

  @Test("a case has a manifest, a definition, a plan and nothing else", arguments: CaseFolder.all)
  func files(folder: CaseFolder) {
    let files = folder.files
    #expect(files.isSubset(of: CaseFolder.fileNames))
    #expect(files.contains("manifest.yaml") && files.contains("plan.txt"))
    #expect(files.contains("live.xml") || files.contains("persistent.xml"))
  }

  @Test("the plan of a case equals its recorded plan", arguments: CaseFolder.all)
  func golden(folder: CaseFolder) throws {
    let plan = PlanReport(detail: .everything).text(try folder.scene().plan).description
    if Self.isRecording {
      try folder.record(plan)
      Issue.record("recorded; look at it, and run again without RECORD")
    } else {
      #expect(plan == folder.text("plan.txt"))
    }
  }

  @Test(
    "a saved plan and a report of drift show what the run showed", arguments: CaseFolder.all,
    [Plan.Kind.plan, .drift])
  func shownAgain(folder: CaseFolder, kind: Plan.Kind) throws {
    let made = try folder.scene().plan
    let plan = kind == .drift ? made.driftReport : made
    let bytes = PlanDocument.bytes(of: plan, created: "2026-11-01T00:00:00Z")
    let saved = try PlanReader.read(YAMLSource(file: "plan.json", bytes: bytes), knowing: []).plan
    for detail in [PlanReport.Detail.differences, .everything] {
      let report = PlanReport(detail: detail)
      #expect(report.text(saved).description == report.text(plan).description)
    }
    #expect(PlanDocument.bytes(of: saved, created: "2026-11-01T00:00:00Z") == bytes)
  }

  @Test("the order of elements and fields doesn't change the plan", arguments: CaseFolder.all)
  func orderInFiles(folder: CaseFolder) throws {
    let scene = try folder.scene()
    let name = scene.observed.domains[0].name
    let manifest = try #require(folder.text("manifest.yaml"))
    let other = try Scene(
      manifest: reversed(manifest: manifest), host: folder.text("host.xml"),
      live: folder.text("live.xml").map(reversed(xml:)),
      persistent: folder.text("persistent.xml").map(reversed(xml:)))
    var expected = scene.observed
    expected.domains[0].live?.devices.reverse()
    expected.domains[0].persistent?.devices.reverse()
    // The version comment is no longer the first line.
    var observed = other.observed
    observed.libvirt = scene.observed.libvirt
    #expect(observed == expected, "the files were not reordered, but changed")
    let planned = Fleet(other.desired).plan([other.host.name: .observed(observed)])
    // The basis depends on the order of devices in the definition.
    #expect(planned.unplaced(name).withoutHashes == scene.plan.unplaced(name).withoutHashes)
  }

  @Test(
    "other domains before and after it don't change a domain's plan", arguments: CaseFolder.all,
    [false, true])
  func otherDomains(folder: CaseFolder, isReversed: Bool) throws {
    let scene = try folder.scene()
    let name = scene.observed.domains[0].name
    var crowd = scene
    for (index, other) in ["aaa-other", "zzz-other"].enumerated() {
      var desired = crowd.desired.domains[0]
      desired.name = other
      desired.uuid = nil
      crowd.desired.domains.insert(desired, at: index == 0 ? 0 : crowd.desired.domains.count)
      var observed = crowd.observed.domains[0]
      observed.name = other
      observed.uuid = "00000000-0000-4000-8000-00000000000\(index)"
      crowd.observed.domains.insert(observed, at: index == 0 ? 0 : crowd.observed.domains.count)
    }
    if isReversed {
      crowd.desired.domains.reverse()
      crowd.observed.domains.reverse()
    }
    #expect(crowd.plan.unplaced(name) == scene.plan.unplaced(name))
  }

  @Test("the model accepts each step, which starts at its old values", arguments: CaseFolder.all)
  func accepted(folder: CaseFolder) throws {
    let scene = try folder.scene()
    var domain = scene.plan.domains[0].naming(scene.observed.domains[0], on: scene.observed)
    for step in scene.plan.steps {
      let conditions = StepConditions(of: step.operation, on: scene.observed)
      #expect(conditions.isAtOrigin(domain) && !conditions.isAchieved(domain), "\(step.id)")
      domain = try scene.observed.result(of: step.operation, on: domain)
      #expect(conditions.isAchieved(domain), "\(step.id)")
    }
  }

  @Test("an applied plan leaves no step to do", arguments: CaseFolder.all)
  func applied(folder: CaseFolder) throws {
    let before = try folder.scene()
    let after = try applied(before)
    #expect(after.plan.steps.isEmpty)
    for (planned, left) in zip(before.plan.domains[0].fields, after.plan.domains[0].fields)
    where planned.verdict != .suspended {
      #expect(left.verdict == (planned.verdict == .change ? left.verdict : planned.verdict))
      #expect(left.verdict != .change || before.plan.domains[0].verdict == .suspended)
    }
    if let goal = before.plan.domains[0].goalHash {
      let fields = before.plan.domains[0].fields
      let domain = after.observed.domains[0]
      #expect(Basis(of: fields, on: after.observed).fingerprint(of: domain) == goal)
    }
  }

  @Test("a plan changes no unmanaged field", arguments: CaseFolder.all)
  func unmanaged(folder: CaseFolder) throws {
    var before = try folder.scene()
    let after = try applied(before)
    before.observed.domains[0] = before.plan.domains[0].naming(
      before.observed.domains[0], on: before.observed)
    let desired = before.desired.domains[0].configuration
    let behaviour = GuestBehaviour(
      of: before.observed.domains[0], on: before.observed)
    for plane in Plane.allCases {
      var old = before.observed.domains[0][plane].map { behaviour.normalised($0, on: plane) }
      var new = after.observed.domains[0][plane].map { behaviour.normalised($0, on: plane) }
      old?.forget(desired)
      new?.forget(desired)
      #expect(new == old, "\(plane)")
    }
  }

  /// The scene after the steps of its plan.
  private func applied(_ scene: Scene) throws -> Scene {
    var after = scene
    after.observed.domains[0] = scene.plan.domains[0].naming(
      scene.observed.domains[0], on: scene.observed)
    for step in scene.plan.steps {
      after.observed.domains[0] = try scene.observed.result(
        of: step.operation, on: after.observed.domains[0])
    }
    return after
  }
}

extension Plan {
  fileprivate var withoutHashes: Plan {
    var plan = self
    for index in plan.domains.indices {
      plan.domains[index].basis = nil
      plan.domains[index].goalHash = nil
    }
    return plan
  }
}

extension MemoryConfiguration {
  /// Removes everything that `desired` manages, and what libvirt derives from it.
  fileprivate mutating func forget(_ desired: MemoryConfiguration) {
    let managed = desired.declaredFields
    let names = Set(managed.map(\.name))
    for field in managed { self[field] = nil }
    // maxMemory is one element, which disappears with its size.
    if !names.isDisjoint(with: [.maxMemory, .maxMemorySize]) { maxMemory = MaxMemory() }
    if names.contains(.allocation) { memoryBacking.allocation = MemoryAllocation() }
    if !names.isDisjoint(with: [.numatune, .numatuneMemory]) { numatune.memory = NUMABinding() }
    if !names.isDisjoint(with: [.numatuneNodeset, .numatuneMode]) {
      numatune.memory.placement = nil
      numatune.memory.mode = nil
    }
    if !names.isDisjoint(with: [.numatune, .memnodes]) { numatune.memnodes = [] }
    if names.contains(.numa) { cells = [] }
    cells.removeAll { cell in desired.cells.contains { $0.hasKey(cell.key) } }
    numatune.memnodes.removeAll { node in
      desired.numatune.memnodes.contains { $0.hasKey(node.key) }
    }
    // A single cell is the memory; libvirt inserts it if maxMemory needs one.
    if desired.memory != nil || desired.maxMemory.size != nil { cells = [] }
    if !desired.cells.isEmpty || desired.numa != nil { memory = nil }
    // A guest without a balloon has all its memory; DIMMs change currentMemory too.
    if names.contains(.balloonModel) || !desired.devices.isEmpty { currentMemory = nil }
    devices.removeAll { device in desired.devices.contains { $0.hasKey(device.key) } }
    maxMemory.presence = nil
    memoryBacking.allocation.presence = nil
    numatune.presence = nil
    numatune.memory.presence = nil
    numatune.memnodesPresence = nil
    numa = nil
  }
}
