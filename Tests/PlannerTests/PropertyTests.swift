// SPDX-License-Identifier: Apache-2.0
import LibvirtModel
import MemoryModel
import Planner
import Testing

/// What holds for any desired state and any domain, the seed saying which.
@Suite struct PropertyTests {
  static let seeds: Range<UInt64> = 0..<2000

  private static func plan(_ scene: RandomScene) -> DomainPlan {
    HostPlanner(DesiredHost(name: "default"), observed: scene.host, ceiling: scene.ceiling)
      .plan([(scene.desired, scene.observed)]).domains[0]
  }

  /// The scene as `plan` leaves it; throws where the model refuses a step.
  private static func applied(_ plan: DomainPlan, to scene: RandomScene) throws -> RandomScene {
    var after = scene
    let behaviour = HypervisorBehaviour(of: scene.host)
    for step in plan.steps {
      after.observed = try behaviour.outcome(of: step.call, on: after.observed)
    }
    return after
  }

  private static func differs(
    _ field: PlannedField, in scene: RandomScene, on plane: Plane
  ) -> Bool {
    let behaviour = HypervisorBehaviour(of: scene.host)
    guard let definition = scene.observed[plane] else { return false }
    return !behaviour.satisfies(
      field.desired, behaviour.normalised(definition, on: plane)[field.path], field: field.path,
      on: plane)
  }

  @Test("each step is accepted, starts from what it says and gets where it says", arguments: seeds)
  func steps(seed: UInt64) throws {
    let scene = RandomScene(seed: seed)
    let behaviour = HypervisorBehaviour(of: scene.host)
    var domain = scene.observed
    for step in Self.plan(scene).steps {
      let conditions = StepConditions(of: step.call, on: scene.host)
      #expect(conditions.isAtOrigin(domain), "\(step.id)")
      #expect(!conditions.isAchieved(domain), "\(step.id)")
      #expect(!step.call.changes.allSatisfy { $0.from == $0.to }, "\(step.id)")
      domain = try behaviour.outcome(of: step.call, on: domain)
      #expect(conditions.isAchieved(domain), "\(step.id)")
    }
  }

  @Test("applied, a plan leaves nothing to do, and the rest as it was", arguments: seeds)
  func idempotence(seed: UInt64) throws {
    let scene = RandomScene(seed: seed)
    let plan = Self.plan(scene)
    let after = try Self.applied(plan, to: scene)
    let again = Self.plan(after)
    #expect(again.steps.isEmpty)
    guard plan.verdict != .suspended else { return }
    for (before, left) in zip(plan.fields, again.fields) {
      switch before.verdict {
      case .change: #expect(left.verdict <= .pendingRestart, "\(before.path)")
      default: #expect(left.verdict == before.verdict, "\(before.path)")
      }
    }
    if let outcome = plan.outcome {
      #expect(
        Basis(of: plan.fields, on: after.host).fingerprint(of: after.observed) == outcome)
      #expect(outcome != plan.basis || plan.steps.isEmpty || Self.movesOnlyTheBalloon(plan))
    }
  }

  private static func movesOnlyTheBalloon(_ plan: DomainPlan) -> Bool {
    plan.steps.allSatisfy { $0.call.action == .setMemory }
  }

  @Test("a verdict says what is so", arguments: seeds)
  func verdicts(seed: UInt64) throws {
    let scene = RandomScene(seed: seed)
    let plan = Self.plan(scene)
    let after = try Self.applied(plan, to: scene)
    for field in plan.fields {
      let isDifferent = Plane.allCases.contains { Self.differs(field, in: scene, on: $0) }
      let isBroken = Plane.allCases.contains { Self.differs(field, in: after, on: $0) }
      // What the plan's other steps would make differ, and it can't put right, is said too.
      let isMoved = plan.steps.flatMap(\.call.changes).contains {
        $0.field == field.path && $0.from != $0.to
      }
      // A suspended domain is judged as if the steps were taken that are not.
      #expect(
        (field.verdict == .inSync) == !(isDifferent || isBroken || isMoved)
          || scene.desired.isSuspended && !isDifferent, "\(field.path)")
      if field.verdict == .pendingRestart {
        #expect(!Self.differs(field, in: scene, on: .persistent), "\(field.path)")
        #expect(scene.observed.persistent != nil, "\(field.path)")
      }
      if field.verdict == .change && !scene.desired.isSuspended {
        #expect(!Self.differs(field, in: after, on: .persistent), "\(field.path)")
      }
      #expect(
        (field.verdict == .blocked) == plan.blockers.contains { $0.field == field.path },
        "\(field.path)")
    }
    let worst = plan.fields.map(\.verdict).max() ?? .inSync
    #expect(plan.verdict == (scene.desired.isSuspended ? .suspended : worst))
  }

  @Test("what is not managed, blocked or suspended stays as it was", arguments: seeds)
  func untouched(seed: UInt64) throws {
    let scene = RandomScene(seed: seed)
    let plan = Self.plan(scene)
    let after = try Self.applied(plan, to: scene)
    if scene.desired.isSuspended { #expect(plan.steps.isEmpty && plan.basis == nil) }
    let behaviour = HypervisorBehaviour(of: scene.host)
    var free = Set(plan.fields.filter { $0.verdict == .change }.map(\.path))
    // One element holds all three: it goes with its size and slots, and is there with a size.
    if free.contains(.maxMemorySize) { free.insert(.maxMemory) }
    if free.contains(.maxMemory) { free.formUnion([.maxMemorySize, .maxMemorySlots]) }
    for plane in Plane.allCases {
      guard let was = scene.observed[plane], let becomes = after.observed[plane] else { continue }
      let (old, new) = (
        behaviour.normalised(was, on: plane), behaviour.normalised(becomes, on: plane)
      )
      for field in Field.all.compactMap(\.path) where !free.contains(field) {
        // A definition may say more than a balloon gives; what it says is what must stay.
        if field == .currentMemory && plane == .persistent {
          // libvirt clamps it below a lowered memory, which a range allows and no balloon minds.
          let isOpen = scene.desired.configuration.currentMemory != nil
          if old.memballoon.isRuledOut || isOpen { continue }
          #expect(was[field] == becomes[field], "\(plane) \(field)")
        } else {
          #expect(old[field] == new[field], "\(plane) \(field)")
        }
      }
      #expect(old.devices == new.devices)
      // A single cell is the memory; nothing else of it moves.
      #expect(free.contains(.memory) || old.cells == new.cells)
      #expect(old.cells.map(\.id) == new.cells.map(\.id))
    }
  }

  @Test("what a plan itself asks for gives the plan again", arguments: seeds)
  func replanned(seed: UInt64) throws {
    let scene = RandomScene(seed: seed)
    let sights = ["default": HostSight.observed(scene.host)]
    let plan = Fleet(DesiredState(domains: [scene.desired])).plan(sights, ceiling: scene.ceiling)
    let again = Fleet(DesiredState(of: plan, file: "plan.json")).plan(sights, ceiling: .restart)
    #expect(again.hosts == plan.hosts, "seed \(seed)")
    var domains = again.domains
    for index in domains.indices { domains[index].position = plan.domains[index].position }
    #expect(domains == plan.domains, "seed \(seed)")
  }

  @Test("no step is felt more than policy and run allow", arguments: seeds)
  func disruption(seed: UInt64) {
    let scene = RandomScene(seed: seed)
    let plan = Self.plan(scene)
    let most = min(scene.desired.policy.disruption, scene.ceiling)
    #expect(plan.steps.allSatisfy { $0.disruption <= most })
    #expect(plan.steps.allSatisfy { $0.call.plane == .live || $0.disruption == .none })
    if scene.desired.policy.shrink == .never {
      let taken = plan.steps.filter { $0.call.plane == .live }.flatMap(\.call.changes)
        .filter { $0.takesMemory && [.currentMemory, .hardLimit].contains($0.field) }
      #expect(taken.isEmpty)
    }
  }
}
