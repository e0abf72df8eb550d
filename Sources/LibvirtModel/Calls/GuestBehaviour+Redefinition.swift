// SPDX-License-Identifier: Apache-2.0

package import MemoryModel

/// The effect of a redefinition on a domain: all persistent changes at once, for the next start.
extension GuestBehaviour {
  /// Models `virDomainDefineXMLFlags` with the domain's own UUID.
  ///
  /// It also refuses what libvirt accepts here but refuses, or clamps, at the start.
  func redefine(
    _ call: Call, of domain: ObservedDomain, in definition: inout MemoryConfiguration
  ) throws(Refusal) {
    let lacking = call.changed.filter { !has($0.name) }
    guard lacking.isEmpty else {
      throw Refusal(.driverHasNoKnob, lacking, instance: "\(driver.name) does not have it")
    }
    let before = definition
    definition.make(call.changes.filter { !Self.isSetByCall($0.field) })
    try changeMemory(call, from: before, in: &definition)
    try insertCell(call, into: &definition)
    try checkDefinition(definition, before: before, by: call)
    fillFirstCell(of: &definition)
    clampCurrentMemory(in: &definition)
    try change([.currentMemory], of: call) { (part) throws(Refusal) in
      try setMemory(part, of: domain, in: &definition)
    }
    try change([.hardLimit, .swapHardLimit], of: call) { (part) throws(Refusal) in
      try changeLimits(part, of: domain, in: &definition)
    }
    for alone: FieldPath in [.softLimit, .minGuarantee] {
      try change([alone], of: call) { (part) throws(Refusal) in
        try setMemoryParameters(part, of: domain, in: &definition)
      }
    }
    try change([.statsPeriod], of: call) { (part) throws(Refusal) in
      try setMemoryStatsPeriod(part, in: &definition)
    }
  }

  /// Whether the function that models the field's own call sets the field in a redefinition too.
  private static func isSetByCall(_ field: FieldPath) -> Bool {
    field.name.calls.hasOwnPersistentCall && field.name != .numatuneMode
      && field.name != .numatuneNodeset
  }

  /// Calls `body` with the part of `call` that writes `fields`, if there is one.
  private func change(
    _ fields: [FieldPath], of call: Call, _ body: (Call) throws(Refusal) -> Void
  ) throws(Refusal) {
    let changes = call.changes.filter { fields.contains($0.field) }
    guard !changes.isEmpty else { return }
    try body(Call(call.action, on: call.plane, changes: changes))
  }

  /// Changes the limits, which libvirt here compares with each other and not with the live ones.
  private func changeLimits(
    _ call: Call, of domain: ObservedDomain, in definition: inout MemoryConfiguration
  ) throws(Refusal) {
    var alone = domain
    alone.isActive = false
    alone.live = nil
    alone.persistent = definition
    try setMemoryParameters(call, of: alone, in: &definition)
  }

  /// Applies `memory`: to `<memory>` without cells, to the cell if there is one; else it must be
  /// the cells' sum.
  private func changeMemory(
    _ call: Call, from before: MemoryConfiguration, in definition: inout MemoryConfiguration
  ) throws(Refusal) {
    // If the call writes a cell's memory, even unchanged, `memory` must not overwrite it.
    let isSame =
      !call.changes.contains { $0.field.name == .cellMemory }
      && before.cells.map(\.id) == definition.cells.map(\.id)
      && before.cells.map(\.memory) == definition.cells.map(\.memory)
    if case .size(let target)? = call.target(of: .memory) {
      if definition.cells.isEmpty {
        definition.memory = target
      } else if isSame && definition.cells.count == 1 {
        definition.cells[0].memory = target
      } else if isSame && call.changed.contains(.memory) {
        throw Refusal(
          .memoryWithSeveralCells, [.memory],
          instance:
            "the guest has \(definition.cells.count) NUMA cells, and memory does not say which")
      } else if !isSame && definition.cellTotal != target {
        let cells = call.changed.filter { $0.name == .cellMemory || $0.name == .cellState }
        throw Refusal(
          .memoryIsNotTheCellsSum, [.memory] + cells,
          instance: "the cells add up to \(definition.cellTotal), and memory would be \(target)")
      }
    }
    if !definition.cells.isEmpty { definition.memory = definition.cellTotal }
  }

  /// Inserts the cell that QEMU's driver makes for `<maxMemory>`, because memory is plugged into a
  /// cell.
  private func insertCell(
    _ call: Call, into definition: inout MemoryConfiguration
  ) throws(Refusal) {
    guard definition.maxMemory.size != nil, needsCell(definition) else { return }
    let removals = call.changed.filter { $0.name == .numa || $0.name.state == .cellState }
    guard removals.isEmpty else { throw Refusal(.numaCellNeededByMaxMemory, removals) }
    guard insertsCell(into: definition), let memory = definition.memory else { return }
    // libvirt checks the bindings before it inserts the cell.
    guard definition.numatune.memnodes.isEmpty else {
      throw Refusal(
        .memnodeCellMissing, call.changed.filter { $0.name.state == .memnodeState },
        instance: "libvirt adds a cell for maxMemory only after it has looked at the bindings")
    }
    definition.cells = [NUMACell(id: 0, memory: memory)]
    for index in definition.devices.indices where definition.devices[index].node == nil {
      switch definition.devices[index].model {
      case .dimm, .nvdimm, .virtioMem: definition.devices[index].node = Count(0)
      case .virtioPmem, .sgxEpc, nil: break
      }
    }
  }

  /// Whether QEMU's driver inserts a cell because `definition` has `<maxMemory>` and no cell.
  package func insertsCell(into definition: MemoryConfiguration) -> Bool {
    definition.maxMemory.size != nil && needsCell(definition) && has(.insertsCells)
  }

  /// Whether `definition` has no cell, and QEMU's driver requires one with `<maxMemory>`.
  func needsCell(_ definition: MemoryConfiguration) -> Bool {
    driver == .qemu && definition.cells.isEmpty && guest.ceilingNeedsCell
  }

  /// Puts the processors that no cell names into cell 0, as QEMU's driver does.
  private func fillFirstCell(of definition: inout MemoryConfiguration) {
    guard driver == .qemu, !definition.cells.isEmpty, let rest = definition.processorsWithoutCell
    else { return }
    definition.cells[0].cpus = (definition.cells[0].cpus ?? NodeSet()).union(rest)
  }
}

extension MemoryConfiguration {
  /// The sum of the memory of all cells.
  var cellTotal: MemorySize { cells.compactMap(\.memory).total }

  /// The guest's processors that are in no cell; nil if there are none or their number is unknown.
  var processorsWithoutCell: NodeSet? {
    guard let count = surroundings.vcpus, count > 0 else { return nil }
    let rest = cells.compactMap(\.cpus).reduce(NodeSet([0...count - 1])) { $0.subtracting($1) }
    return rest.isEmpty ? nil : rest
  }
}
