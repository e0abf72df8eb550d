// SPDX-License-Identifier: Apache-2.0

internal import MemoryModel

/// Checks of the guest's NUMA cells, and of the host nodes from which their RAM comes.
extension DefinitionCheck {
  private static let binding: [FieldPath] = [
    .any(.numatuneMode), .any(.numatuneNodeset), .any(.numatunePlacement),
  ]

  func checkBinding() throws(Refusal) {
    let binding = after.numatune.memory
    if after.surroundings.placesVCPUsByItself {
      for group in [FieldPath.any(.numatune), .any(.numatuneMemory)] where changed.contains(group) {
        try refuse(.numatuneFollowsVCPUPlacement, [group])
      }
    }
    guard !binding.isEmpty else { return }
    if binding.placement != .auto && (binding.nodeset ?? NodeSet()).isEmpty {
      try refuse(.numatuneStaticNeedsNodeset, Self.binding)
    }
    if let nodeset = binding.nodeset {
      try checkHostNodes(nodeset, FieldPath(.numatuneNodeset))
    }
    for case .memnodeBesideAuto in after.numatune.contradictions {
      try refuse(.numatuneAutoWithMemnodes, [.any(.numatunePlacement), .any(.memnodeState)])
    }
  }

  /// Refuses a node that the host does not have: libvirt accepts it, and the domain does not start.
  func checkHostNodes(_ nodes: NodeSet, _ field: FieldPath) throws(Refusal) {
    guard let there = behaviour.hostNodes, driver != .test else { return }
    let missing = nodes.subtracting(there)
    if !missing.isEmpty {
      try refuse(
        .hostNodeMissing, [field], "the host has the nodes \(there), and not \(missing)")
    }
  }

  func checkMemnodes() throws(Refusal) {
    for memnode in after.numatune.memnodes {
      let own = FieldPath(.memnode, memnode.key)
      if !after.cellNumbers.contains(memnode.cell) {
        try refuse(
          .memnodeCellMissing, [own, .any(.cellState)], "the guest has no cell \(memnode.cell)")
      }
      guard let nodeset = memnode.nodeset, !nodeset.isEmpty else {
        try refuse(.memnodeNeedsNodeset, [own])
        continue
      }
      try checkHostNodes(nodeset, FieldPath(.memnodeNodeset, memnode.key))
      let (general, special) = (after.numatune.memory.mode, memnode.mode ?? .strict)
      let clashes =
        has(.checksModesBothWays)
        ? (general == .restrictive) != (special == .restrictive)
        : general == .restrictive && special != .restrictive
      if clashes {
        try refuse(
          .restrictiveWithOtherMemnodes,
          [
            .any(.numatuneMode), FieldPath(.memnodeMode, memnode.key),
            FieldPath(.memnodeState, memnode.key),
          ],
          """
          the domain's mode is \(general?.rawValue ?? "strict"), and that of cell \
          \(memnode.cell) is \(special.rawValue)
          """, always: true)
      }
    }
  }

  func checkCells() throws(Refusal) {
    guard !after.cells.isEmpty else { return }
    if isQEMU && !guest.takesCells {
      // If libvirt inserts the cell, it does so because of `<maxMemory>`.
      let ceiling: [FieldPath] = before.cells.isEmpty ? [.maxMemorySize, .maxMemorySlots] : []
      try refuse(
        .numaCellsNotOnMachine, [.any(.cellState)] + ceiling,
        "\(guest.description(of: after)) has no NUMA cells")
    }
    for (number, cell) in after.cells.enumerated() {
      if cell.id != UInt32(number) {
        try refuse(
          .numaCellsNotContiguous, [.any(.cellState)],
          "the cells would be \(after.cells.map(\.key).joined(separator: ", ")), with a gap")
      }
      if cell.memory == nil { try refuse(.numaCellNeedsMemory, [FieldPath(.cell, cell.key)]) }
    }
    if after.cellTotal == .zero { try refuse(.numaCellsWithoutMemory, [.any(.cellMemory)]) }
  }

  func checkProcessors() throws(Refusal) {
    for case .processorInTwoCells(_, _, let later) in after.contradictionsOfProcessors {
      let taken = after.cells.prefix { $0.key != later }.compactMap(\.cpus)
        .reduce(NodeSet()) { $0.union($1) }
      try refuse(
        .cpuInTwoNUMACells, [.any(.cellCPUs)],
        "cell \(later) has processors of \(taken), which other cells have")
    }
    for cell in after.cells {
      guard let count = after.surroundings.vcpus, let last = cell.cpus?.last, last >= count else {
        continue
      }
      try refuse(
        .numaCPUNotThere, [FieldPath(.cellCPUs, cell.key)],
        "cell \(cell.id) names processor \(last), and the guest has those from 0 to \(count - 1)")
    }
    // QEMU's driver puts the rest into cell 0, which then has more than its `cpus` ask for.
    if isQEMU, let rest = after.processorsWithoutCell, let first = after.cells.first,
      let cpus = first.cpus, before.cells.first?.cpus != cpus
    {
      try refuse(
        .numaCPUsLeftOver, [FieldPath(.cellCPUs, first.key)],
        "no cell names the processors \(rest), and QEMU's driver puts them into cell 0")
    }
  }
}
