// SPDX-License-Identifier: Apache-2.0

internal import MemoryModel

/// Checks of `<maxMemory>`, its slots, the memory below it, and the balloon.
extension DefinitionCheck {
  private static let ceiling: [FieldPath] = [.maxMemorySize, .maxMemorySlots]

  func checkCeiling() throws(Refusal) {
    if let excess = after.excessOverCeiling {
      try refuse(
        .memoryAboveMaxMemory,
        [.maxMemorySize, .memory, .any(.cellMemory), .any(.deviceSize), .any(.deviceModel)], excess)
    }
    if isQEMU && after.maxMemory.size != nil && !guest.takesCeiling {
      try refuse(
        .maxMemoryNotOnMachine, Self.ceiling, "\(guest.description(of: after)) takes no maxMemory")
    }
    // The test driver's devices need no `<maxMemory>`.
    if after.maxMemory.size == nil && !after.devices.isEmpty && driver != .test {
      try refuse(.maxMemoryNeededByDevices, [.maxMemorySize, .any(.deviceModel)])
    }
    // If libvirt inserts a cell for `<maxMemory>`, `after` has it already.
    if after.maxMemory.size != nil && behaviour.needsCell(after) {
      try refuse(.maxMemoryNeedsNUMACell, Self.ceiling)
    }
  }

  func checkSlots() throws(Refusal) {
    if after.maxMemory.size == nil && after.maxMemory.slots != nil {
      try refuse(.slotsNeedMaxMemory, Self.ceiling)
    }
    guard isQEMU, after.maxMemory.size != nil else { return }
    if after.maxMemory.slots == nil && !has(.maxMemoryNeedsNoSlots) {
      try refuse(.maxMemoryNeedsSlots, Self.ceiling)
    }
    let slots = after.maxMemory.slots?.count ?? 0
    if slots > MaxMemory.mostSlots { try refuse(.tooManySlots, [.maxMemorySlots]) }
    let taking = after.devices.filter(behaviour.takesSlot)
    guard taking.count > slots else { return }
    let devices = taking.map { FieldPath(.deviceModel, $0.key) }
    let instance = "\(taking.count) devices need a slot, and maxMemory has \(slots)"
    try refuse(.slotsTakenByDevices, [.maxMemorySlots] + devices, instance)
    // A new `<maxMemory>` alone can also have too few slots, or none.
    try refuse(.slotsTakenByDevices, Self.ceiling, instance)
  }

  func checkBalloon() throws(Refusal) {
    if isQEMU && after.memballoon.model == .xen {
      try refuse(.balloonModelXen, [.any(.balloonModel)])
    }
    guard case .settingsWithoutBalloon(let settings)? = after.contradictionOfBalloon else { return }
    // Of the period its own call says more.
    for setting in settings where setting != .statsPeriod {
      try refuse(.noBalloonDevice, [.any(setting)])
    }
  }
}
