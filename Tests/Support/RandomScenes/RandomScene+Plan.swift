// SPDX-License-Identifier: Apache-2.0
package import LibvirtModel
package import MemoryModel
internal import Planner

extension RandomScene: CustomStringConvertible {
  /// What a failing test prints: the plan with its definitions.
  package var description: String {
    let plan = plan.domains[0]
    let words = { (value: FieldValue?) in value?.description ?? "-" }
    let fields = plan.fields.map {
      "\($0.path) \(words($0.live)) | \(words($0.persistent)) => \($0.desired) \($0.verdict)"
    }
    let steps = plan.steps.map { step in
      let changes = step.changes.map { "\($0.field) \(words($0.from)) -> \(words($0.to))" }
      return "\(step.operation.name) \(step.plane): \(changes.joined(separator: ", "))"
    }
    let blockers = plan.blockers.map { "\($0.rule) \($0.field?.description ?? "") \($0.detail)" }
    let planes = Plane.allCases.map { plane in
      let definition = observed[plane]
      return "\(plane) "
        + (definition?.declaredFields ?? []).map { "\($0)=\(words(definition?[$0]))" }
        .joined(separator: " ")
    }
    let head = "\(driver.name) \(version) \(observed.state) \(desired.policy.disruption)"
    return ([head] + planes + fields + steps + blockers).joined(separator: "\n  ")
  }
}

/// A scene's plan, and the domain after it.
extension RandomScene {
  /// The plan of the one domain on its host.
  package var plan: Plan {
    HostPlanner(DesiredHost(name: "default"), observed: host, ceiling: ceiling)
      .plan([(desired, observed)])
  }

  /// The scene after `plan`, observed again; throws if the model refuses a step.
  package func applying(_ plan: DomainPlan) throws -> RandomScene {
    var after = self
    after.observed = plan.naming(observed, on: host)
    for step in plan.steps {
      after.observed = try host.result(of: step.operation, on: after.observed)
    }
    after.observed = after.observed.seenAnew
    return after
  }

  /// Whether libvirt would not leave the persistent definition as it is: the first redefinition,
  /// of any field, inserts the cell that its maxMemory needs.
  package var hasCeilingAlone: Bool {
    observed.persistent.map {
      GuestBehaviour(of: observed, on: host).insertsCell(into: $0)
    } ?? false
  }

  /// Both definitions, normalised, with the devices named as `plan` names them.
  package func named(by plan: DomainPlan) -> NormalisedDomain {
    GuestBehaviour(of: observed, on: host).normalised(plan.naming(observed, on: host))
  }

  /// The fields that may differ on `plane` after `plan`: its own, and those that follow from them.
  package func derived(
    from wanted: Set<FieldPath>, _ plan: DomainPlan, on plane: Plane,
    _ old: MemoryConfiguration, _ new: MemoryConfiguration
  ) -> Set<FieldPath> {
    var free = wanted
    let names = Set(wanted.map(\.name))
    // One element holds all three: it disappears with its size and slots, and needs a size.
    if names.contains(.maxMemorySize) { free.insert(.maxMemory) }
    if names.contains(.maxMemory) { free.formUnion([.maxMemorySize, .maxMemorySlots]) }
    if names.contains(.memory) && new.cells.count == 1 { free.insert(FieldPath(.cellMemory, "0")) }
    // libvirt inserts a cell if maxMemory needs one, and assigns it to devices without a node.
    if old.cells.isEmpty && new.cells.count == 1 && new.maxMemory.size != nil {
      free.formUnion(new.fields(ofItemOf: FieldPath(.cellState, "0")))
      free.formUnion(new.devices.map { FieldPath(.deviceNode, $0.key) })
    }
    if names.contains(.numa) { free.formUnion(old.declaredFields.filter(\.isOfCells)) }
    if wanted.contains(where: \.isOfCells) {
      free.formUnion([.memory, FieldPath(.cellCPUs, "0")])
    }
    free.insert(FieldPath(.numa))
    free.insert(FieldPath(.allocation))
    if names.contains(.allocation) {
      free.formUnion([FieldPath(.allocationMode), FieldPath(.allocationThreads)])
    }
    free.formUnion([.numatune, .numatuneMemory, .memnodes].map { FieldPath($0) })
    let ofBinding: [FieldName] = [.numatuneMode, .numatuneNodeset, .numatunePlacement]
    if !names.isDisjoint(with: ofBinding + [.numatune, .numatuneMemory]) {
      free.formUnion(ofBinding.map { FieldPath($0) })
    }
    for field in old.declaredFields + new.declaredFields {
      guard let state = field.name.state else { continue }
      let isMemnode = state == .memnodeState
      let goes = isMemnode && !names.isDisjoint(with: [.numatune, .memnodes])
      if goes || wanted.contains(FieldPath(state, field.item)) { free.insert(field) }
    }
    // A DIMM changes currentMemory too, and a guest without a balloon always has all its memory.
    let ofFigure =
      wanted.contains { $0.name.state == .deviceState } || names.contains(.balloonModel)
    if ofFigure || old.memballoon.isRuledOut { free.insert(.currentMemory) }
    return free
  }
}

extension FieldPath {
  fileprivate var isOfCells: Bool { name.state == .cellState }
}

extension ObservedDomain {
  /// The domain as libvirt shows it: devices have the users' aliases and no names.
  package var seenAnew: ObservedDomain {
    var domain = self
    for plane in Plane.allCases {
      guard let devices = domain[plane]?.devices else { continue }
      for index in devices.indices {
        domain[plane]?.devices[index].name = nil
        domain[plane]?.devices[index].isOneOfSeveral = false
      }
    }
    return domain
  }
}
