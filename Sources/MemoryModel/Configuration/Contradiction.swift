// SPDX-License-Identifier: Apache-2.0

/// Something in a configuration that contradicts itself, whatever the host and the domain are.
///
/// A manifest with one is refused at the places of the fields, and a call that brings one about is
/// blocked for the fields that it changes. What each says of it stands there; what it is stands
/// here alone.
package enum Contradiction: Hashable, Sendable {
  /// hardLimit is above swapHardLimit.
  case limits(hard: Limit, swap: Limit)
  /// A balloon that the definition rules out has these settings.
  case settingsWithoutBalloon([FieldName])
  /// These host nodes are named, and numad is to choose the nodes.
  case nodesetBesideAuto(NodeSet)
  /// The cell with this key has a binding of its own, and numad is to choose the nodes.
  case memnodeBesideAuto(String)
  /// A device's block is no power of two.
  case blockNotPowerOfTwo(MemorySize)
  /// More is requested of a device than its size.
  case requestedAboveSize(MemorySize, size: MemorySize)
  /// What is requested of a device is no multiple of its block.
  case requestedNotOfBlocks(MemorySize, block: MemorySize)
  /// An nvdimm's label is smaller than a label can be.
  case labelTooSmall(MemorySize)
  /// An nvdimm's label leaves nothing of the device.
  case labelTakesDevice(MemorySize, size: MemorySize)
}

extension MemoryTuning {
  /// How the limits contradict each other; nil where they don't.
  package var contradiction: Contradiction? {
    guard let hardLimit, let swapHardLimit, hardLimit > swapHardLimit else { return nil }
    return .limits(hard: hardLimit, swap: swapHardLimit)
  }
}

extension MemoryConfiguration {
  /// How settings of the balloon contradict its model; nil where they don't.
  ///
  /// A setting that has the value which it has without a balloon contradicts nothing.
  package var contradictionOfBalloon: Contradiction? {
    guard memballoon.isRuledOut else { return nil }
    let settings = [FieldName.autodeflate, .freePageReporting, .statsPeriod].filter { name in
      guard let value = self[FieldPath(name)] else { return false }
      return value != Field.named(name)?.valueOfAbsence
    }
    return settings.isEmpty ? nil : .settingsWithoutBalloon(settings)
  }
}

extension NUMATuning {
  /// How host nodes that are named contradict that numad is to choose them.
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

  /// How the device's block contradicts what a block can be; nil where it doesn't.
  package var contradictionOfBlock: Contradiction? {
    guard let block, block.bytes.nonzeroBitCount != 1 else { return nil }
    return .blockNotPowerOfTwo(block)
  }

  /// How `requested`, a size or a bound of a range, contradicts the device's size and block.
  package func contradictions(ofRequested requested: MemorySize) -> [Contradiction] {
    var found: [Contradiction] = []
    if let size, requested > size { found.append(.requestedAboveSize(requested, size: size)) }
    if let block, block > .zero, requested.bytes % block.bytes != 0 {
      found.append(.requestedNotOfBlocks(requested, block: block))
    }
    return found
  }

  /// How the label contradicts what a label can be, and the device's size.
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
