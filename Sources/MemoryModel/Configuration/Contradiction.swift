// SPDX-License-Identifier: Apache-2.0

/// A contradiction within a configuration, whatever the host and the domain are.
///
/// A manifest with a contradiction is refused; a call that would cause one is blocked. Each writes
/// its own message. Only this file decides what a contradiction is.
package enum Contradiction: Hashable, Sendable {
  /// hardLimit is above swapHardLimit.
  case limits(hard: Limit, swap: Limit)
  /// The balloon's model is `none`, but the configuration has these settings of a balloon.
  case settingsWithoutBalloon([FieldName])
  /// The processor is in the cells with these keys.
  case processorInTwoCells(UInt32, earlier: String, later: String)
  /// The entries of huge pages at these positions are for the same cell; without a cell, both are
  /// for all cells that no entry names.
  case hugepagesOverlap(cell: UInt32?, earlier: Int, later: Int)
  /// The configuration names these host nodes, but numad chooses the nodes.
  case nodesetBesideAuto(NodeSet)
  /// The cell with this key has its own binding, but numad chooses the nodes.
  case memnodeBesideAuto(String)
  /// A device's block is no power of two.
  case blockNotPowerOfTwo(MemorySize)
  /// The requested size of a device is above its size.
  case requestedAboveSize(MemorySize, size: MemorySize)
  /// The requested size of a device is no multiple of its block.
  case requestedNotOfBlocks(MemorySize, block: MemorySize)
  /// An nvdimm's label is below the minimum.
  case labelTooSmall(MemorySize)
  /// An nvdimm's label is as large as the device or larger.
  case labelTakesDevice(MemorySize, size: MemorySize)
}

extension MemoryTuning {
  /// The contradiction between the limits; nil without one.
  package var contradiction: Contradiction? {
    guard let hardLimit, let swapHardLimit, hardLimit > swapHardLimit else { return nil }
    return .limits(hard: hardLimit, swap: swapHardLimit)
  }
}

extension MemoryConfiguration {
  /// The contradiction between the balloon's settings and its model; nil without one.
  ///
  /// A setting that means the same as no setting causes none.
  package var contradictionOfBalloon: Contradiction? {
    guard memballoon.isRuledOut else { return nil }
    let settings = [FieldName.autodeflate, .freePageReporting, .statsPeriod].filter { name in
      guard let value = self[FieldPath(name)] else { return false }
      return value != Field.named(name)?.valueOfAbsence
    }
    return settings.isEmpty ? nil : .settingsWithoutBalloon(settings)
  }

  /// The contradictions between the processors of the cells, at most one for each later cell.
  package var contradictionsOfProcessors: [Contradiction] {
    let cells = cells.filter { $0.state != .absent }
    return NodeSet.overlaps(of: cells.map(\.cpus)).map { overlap in
      .processorInTwoCells(
        overlap.number, earlier: cells[overlap.earlier].key, later: cells[overlap.later].key)
    }
  }
}

extension Hugepage {
  /// The contradictions between `entries`, at most one for each later entry.
  package static func contradictions(of entries: [Hugepage]) -> [Contradiction] {
    let general = entries.indices.filter { entries[$0].cells == nil }
    let forAll = general.dropFirst().map { later in
      Contradiction.hugepagesOverlap(cell: nil, earlier: general[0], later: later)
    }
    let forOne = NodeSet.overlaps(of: entries.map(\.cells)).map { overlap in
      Contradiction.hugepagesOverlap(
        cell: overlap.number, earlier: overlap.earlier, later: overlap.later)
    }
    return forAll + forOne
  }
}

extension NUMATuning {
  /// The contradictions between named host nodes or cell bindings and numad's choice.
  package var contradictions: [Contradiction] {
    guard memory.placement == .auto else { return [] }
    var found = memory.nodeset.map { [Contradiction.nodesetBesideAuto($0)] } ?? []
    if let memnode = memnodes.first(where: { $0.state != .absent }) {
      found.append(.memnodeBesideAuto(memnode.key))
    }
    return found
  }
}

extension MemoryDevice {
  /// The smallest label that an nvdimm can have.
  private static let leastLabel = MemorySize.kibibytes(128)

  /// The contradiction between the device's block and the form of a block; nil without one.
  package var contradictionOfBlock: Contradiction? {
    guard let block, block.bytes.nonzeroBitCount != 1 else { return nil }
    return .blockNotPowerOfTwo(block)
  }

  /// The contradictions of `requested`, a size or a bound of a range, with the size and the block.
  package func contradictions(ofRequested requested: MemorySize) -> [Contradiction] {
    var found: [Contradiction] = []
    if let size, requested > size { found.append(.requestedAboveSize(requested, size: size)) }
    if let block, block > .zero, requested.bytes % block.bytes != 0 {
      found.append(.requestedNotOfBlocks(requested, block: block))
    }
    return found
  }

  /// The contradictions of the label with the minimum and with the device's size.
  package var contradictionsOfLabel: [Contradiction] {
    guard let labelSize else { return [] }
    var found: [Contradiction] = []
    if labelSize < Self.leastLabel { found.append(.labelTooSmall(labelSize)) }
    if let size, labelSize >= size {
      found.append(.labelTakesDevice(labelSize, size: size))
    }
    return found
  }
}
