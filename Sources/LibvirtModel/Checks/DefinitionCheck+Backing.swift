// SPDX-License-Identifier: Apache-2.0

internal import MemoryModel

/// Checks of `<memoryBacking>`: huge pages and shared memory.
extension DefinitionCheck {
  private var pages: FieldPath { .any(.hugepages) }

  func checkBacking() throws(Refusal) {
    let backing = after.memoryBacking
    guard let hugepages = backing.hugepages, hugepages != .absent else { return }
    if isQEMU && backing.allocation.mode == .ondemand {
      try refuse(.hugepagesWithOnDemand, [pages, .any(.allocationMode)])
    }
    if isQEMU && backing.source == .some(.anonymous) {
      try refuse(.hugepagesWithAnonymous, [pages, .any(.source)])
    }
    guard case .pages(let entries) = hugepages else { return }
    try checkCells(of: entries)
    for case .hugepagesOverlap(_, let earlier, let later) in Hugepage.contradictions(of: entries) {
      try refuse(
        .hugepagesOverlap, [pages],
        "the pages of \(entries[earlier].size) and of \(entries[later].size) are for the same cell")
    }
  }

  private func checkCells(of entries: [Hugepage]) throws(Refusal) {
    let named = entries.compactMap(\.cells).reduce(NodeSet()) { $0.union($1) }
    guard !named.isEmpty else { return }
    guard !after.cells.isEmpty else {
      try refuse(.hugepagesNodesetWithoutCells, [pages, .any(.cellState), .any(.cellMemory)])
      return
    }
    let missing = named.subtracting(after.cellNumbers)
    if !missing.isEmpty {
      try refuse(
        .hugepagesCellMissing, [pages, .any(.cellState)], "the guest has no cell \(missing)")
    }
  }

  /// Refuses RAM that is not shared if vhost-user or virtiofs work on it from another process.
  func checkSharing() throws(Refusal) {
    guard isQEMU, let user = after.surroundings.sharedMemoryUser else { return }
    let backing = after.memoryBacking.access
    let instance = "the domain has \(user.rawValue), which works on the guest's RAM"
    let always = user != .vhostUserInterface || has(.vhostUserNeedsSharing)
    guard !after.cells.isEmpty else {
      if backing != .some(.shared) {
        try refuse(
          .sharedMemoryNeeded, [.any(.access), .any(.cellState)], instance, always: always)
      }
      return
    }
    for cell in after.cells where cell.access != .shared {
      let access = FieldPath(.cellAccess, cell.key)
      if cell.access == .private || backing != .some(.shared) {
        let involved = cell.access == .private ? [access] : [access, .any(.access)]
        try refuse(.sharedMemoryNeeded, involved, instance, always: always)
      }
    }
  }
}

extension MemoryConfiguration {
  /// The numbers of the existing cells.
  var cellNumbers: NodeSet { NodeSet(cells.map { $0.id...$0.id }) }
}
