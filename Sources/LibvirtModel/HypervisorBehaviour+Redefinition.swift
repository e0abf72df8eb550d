// SPDX-License-Identifier: Apache-2.0

internal import MemoryModel

/// What a redefinition makes of a domain: all changes at once, for the next start.
extension HypervisorBehaviour {
  /// `virDomainDefineXMLFlags` over the domain's own UUID.
  ///
  /// What libvirt accepts here and refuses, or clamps, only at the start is refused as well.
  func redefine(
    _ call: Call, of domain: ObservedDomain, in definition: inout MemoryConfiguration
  ) throws(Refusal) {
    try changeCeiling(call, of: domain, in: &definition)
    if case .size(let target)? = call.target(of: .memory) {
      try changeMemory(target, in: &definition)
    }
    let blamed = call.changes.map(\.field).filter { $0 == .memory || $0 == .maxMemorySize }
    try checkCeiling(of: definition, blaming: blamed)
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

  /// Does `body` with the part of `call` that writes `fields`, where there is one.
  private func change(
    _ fields: [FieldPath], of call: Call, _ body: (Call) throws(Refusal) -> Void
  ) throws(Refusal) {
    let changes = call.changes.filter { fields.contains($0.field) }
    guard !changes.isEmpty else { return }
    try body(Call(call.action, on: call.plane, changes: changes))
  }

  /// A definition's limits are compared with each other alone, not with the live ones.
  private func changeLimits(
    _ call: Call, of domain: ObservedDomain, in definition: inout MemoryConfiguration
  ) throws(Refusal) {
    var alone = domain
    alone.isActive = false
    alone.live = nil
    alone.persistent = definition
    try setMemoryParameters(call, of: alone, in: &definition)
  }

  /// `<memory>` where there are no cells, the one cell where there is one.
  private func changeMemory(
    _ target: MemorySize, in definition: inout MemoryConfiguration
  ) throws(Refusal) {
    guard definition.cells.count <= 1 else {
      throw Refusal(
        .memoryWithSeveralCells, [.memory],
        detail: "The guest has \(definition.cells.count) NUMA cells.")
    }
    definition.memory = target
    if !definition.cells.isEmpty { definition.cells[0].memory = target }
  }

  private func changeCeiling(
    _ call: Call, of domain: ObservedDomain, in definition: inout MemoryConfiguration
  ) throws(Refusal) {
    let fields = call.changes.map(\.field).filter {
      [.maxMemory, .maxMemorySize, .maxMemorySlots].contains($0)
    }
    guard !fields.isEmpty else { return }
    if call.changes.contains(where: { $0.field == .maxMemory && $0.to == .absence }) {
      guard definition.devices.isEmpty else { throw Refusal(.maxMemoryNeededByDevices, fields) }
      definition.maxMemory = MaxMemory()
      return
    }
    if let size = call.target(of: .maxMemorySize) { definition[.maxMemorySize] = size }
    if let slots = call.target(of: .maxMemorySlots) { definition[.maxMemorySlots] = slots }
    try checkSlots(of: definition, fields)
    try insertCell(into: &definition, of: domain, fields)
  }

  private func checkSlots(
    of definition: MemoryConfiguration, _ fields: [FieldPath]
  ) throws(Refusal) {
    guard definition.maxMemory.size != nil else { throw Refusal(.slotsNeedMaxMemory, fields) }
    guard driver == .qemu else { return }
    let slotsAreOptional = version >= LibvirtVersion(9, 5, 0)
    guard let slots = definition.maxMemory.slots?.count else {
      guard slotsAreOptional else { throw Refusal(.maxMemoryNeedsSlots, fields) }
      return
    }
    // The ceiling itself may change with the slots that there are.
    let blamed = fields.contains(.maxMemorySlots) ? [.maxMemorySlots] : fields
    guard slots <= MaxMemory.mostSlots else { throw Refusal(.tooManySlots, blamed) }
    let taking = definition.devices.count { device in
      !slotsAreOptional || device.model == .dimm || device.model == .nvdimm
    }
    guard taking <= slots else {
      throw Refusal(
        .slotsTakenByDevices, blamed, detail: "\(taking) devices need a slot of \(slots).")
    }
  }

  /// Memory is plugged into a cell: QEMU's driver wants one, or makes one.
  private func insertCell(
    into definition: inout MemoryConfiguration, of domain: ObservedDomain, _ fields: [FieldPath]
  ) throws(Refusal) {
    guard needsCell(definition, of: domain), let memory = definition.memory else { return }
    guard version >= LibvirtVersion(9, 6, 0) else { throw Refusal(.maxMemoryNeedsCell, fields) }
    definition.cells = [NUMACell(id: 0, memory: memory)]
  }

  private func needsCell(_ definition: MemoryConfiguration, of domain: ObservedDomain) -> Bool {
    let exempt = ["ppc64", "ppc64le", "s390x"]
    return driver == .qemu && definition.cells.isEmpty
      && !exempt.contains(domain.architecture ?? "")
  }
}
