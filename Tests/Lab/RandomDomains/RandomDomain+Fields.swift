// SPDX-License-Identifier: Apache-2.0
import LibvirtModel
import MemoryModel

/// Random redefinitions of every field.
extension RandomDomain {
  /// A redefinition of up to `most` things, about a third of which libvirt must refuse.
  ///
  /// `definition` is normalised, and each of its devices has a name.
  mutating func redefinition(
    ofAnyFieldOf definition: MemoryConfiguration, upTo most: UInt64 = 4
  ) -> Call {
    var values: [FieldPath: FieldValue?] = [:]
    for _ in 0..<between(1, most) {
      let more: [FieldPath: FieldValue?] =
        switch next() % 13 {
        case 0, 1: backing()
        case 2: hugepages(definition)
        case 3, 4: binding()
        case 5: definition.cells.isEmpty && !oneIn(4) ? binding() : memnode(definition)
        case 6, 7: cell(definition)
        case 8, 9, 10:
          definition.maxMemory.size == nil && !oneIn(6) ? sizes(definition) : device(definition)
        case 11: balloon()
        default: sizes(definition)
        }
      // Each item gets only one kind of change.
      let items = Set(values.keys.compactMap(\.ofItem))
      values.merge(more.filter { !items.contains($0.key.ofItem ?? $0.key) }) { first, _ in first }
    }
    // A manifest can't declare a group absent together with fields of it.
    let removed = values.filter { $0.value == .absence }.keys
    let changes = values.filter { field, _ in
      !removed.contains { field.isBelow($0) || $0 == FieldPath(.numa) && field.name.isCell }
    }.map { field, value in
      Change(field: field, from: definition.observedValue(of: field), to: value)
    }.sorted { $0.field < $1.field }
    return Call(.redefine, on: .persistent, changes: changes)
  }

  // MARK: Sizes and backing

  private mutating func sizes(_ definition: MemoryConfiguration) -> [FieldPath: FieldValue?] {
    switch next() % 5 {
    case 0: [FieldPath(.dumpCore): .flag(oneIn(2))]
    case 1: [.memory: .size(boot(definition))]
    case 2: [.currentMemory: .size(balloonTarget(definition))]
    case 3: Dictionary(limits().map { ($0.field, $0.to) }) { first, _ in first }
    default: Dictionary(ceiling(definition).map { ($0.field, $0.to) }) { first, _ in first }
    }
  }

  private mutating func backing() -> [FieldPath: FieldValue?] {
    switch next() % 8 {
    case 0: [FieldPath(.sharePages): .flag(oneIn(2))]
    case 1: [FieldPath(.locked): .flag(oneIn(2))]
    case 2: [FieldPath(.discard): .flag(oneIn(2))]
    case 3: [FieldPath(.source): word("file", "anonymous", "memfd", nil)]
    case 4: [FieldPath(.access): word("shared", "private", nil)]
    case 5: [FieldPath(.allocation): .absence]
    case 6: [FieldPath(.allocationThreads): .count(between(1, 4))]
    default: [FieldPath(.allocationMode): word("immediate", "ondemand")]
    }
  }

  private mutating func hugepages(
    _ definition: MemoryConfiguration
  ) -> [FieldPath: FieldValue?] {
    let last = UInt32(max(1, definition.cells.count) - 1)
    let two = MemorySize.mebibytes(2)
    let value: FieldValue = pick([
      .absence, .absence, .word("default"), .pages([Hugepage(size: two)]),
      .pages([Hugepage(size: two, cells: NodeSet([0...last]))]),
      .pages([Hugepage(size: two, cells: nodes(last)), Hugepage(size: .gibibytes(1))]),
      .pages([Hugepage(size: two, cells: nodes(last + 1))]),
      .pages([
        Hugepage(size: .gibibytes(1), cells: nodes(last)), Hugepage(size: two, cells: nodes(last)),
      ]), .pages([Hugepage(size: two), Hugepage(size: .gibibytes(1))]),
    ])
    return [FieldPath(.hugepages): value]
  }

  private mutating func balloon() -> [FieldPath: FieldValue?] {
    switch next() % 5 {
    case 0: [FieldPath(.autodeflate): .flag(oneIn(2))]
    case 1: [FieldPath(.freePageReporting): .flag(oneIn(2))]
    case 2: [.statsPeriod: .seconds(between(0, 60))]
    default:
      [
        FieldPath(.balloonModel): pick([
          .word("virtio"), .word("virtio"), .word("none"), .word("virtio-transitional"),
          .word("virtio-non-transitional"), .word("xen"),
        ])
      ]
    }
  }

  // MARK: Host nodes

  /// Any binding; the lab's host has only node 0.
  mutating func binding() -> [FieldPath: FieldValue?] {
    let (mode, nodeset) = (FieldPath(.numatuneMode), FieldPath(.numatuneNodeset))
    let placement = FieldPath(.numatunePlacement)
    let node = FieldValue.nodes(NodeSet([0...(oneIn(8) ? 7 : 0)]))
    return switch next() % 10 {
    case 0: [FieldPath(.numatune): .absence]
    case 1: [FieldPath(.numatuneMemory): .absence]
    case 2: [FieldPath(.memnodes): .absence]
    case 3: [mode: anyMode()]
    case 4: [nodeset: node]
    case 5: [placement: word("static", "auto")]
    case 6: [mode: anyMode(), placement: .word("auto")]
    default: [mode: anyMode(), nodeset: node]
    }
  }

  private mutating func anyMode() -> FieldValue {
    word("strict", "strict", "preferred", "interleave", "restrictive")
  }

  private mutating func memnode(_ definition: MemoryConfiguration) -> [FieldPath: FieldValue?] {
    let there = definition.numatune.memnodes.map(\.key)
    if !there.isEmpty && oneIn(3) {
      return removal(FieldPath(.memnodeState, pick(there)), definition)
    }
    let cell = "\(between(0, UInt64(max(1, definition.cells.count)) - (oneIn(6) ? 0 : 1)))"
    let (mode, nodeset) = (FieldPath(.memnodeMode, cell), FieldPath(.memnodeNodeset, cell))
    let node = FieldValue.nodes(NodeSet([0...0]))
    return switch next() % 4 {
    case 0: [nodeset: node]
    case 1: [mode: anyMode()]
    default: [mode: anyMode(), nodeset: node]
    }
  }

  // MARK: Cells

  private mutating func cell(_ definition: MemoryConfiguration) -> [FieldPath: FieldValue?] {
    let count = UInt64(definition.cells.count)
    let any = "\(between(0, max(1, count) - 1))"
    func field(_ name: FieldName, _ cell: String) -> FieldPath { FieldPath(name, cell) }
    switch next() % 10 {
    case 0: return [FieldPath(.numa): .absence]
    case 1 where count > 0:
      return removal(field(.cellState, oneIn(4) ? any : "\(count - 1)"), definition)
    case 2, 3, 4:
      let new = "\(count + (oneIn(8) ? 1 : 0))"
      var values: [FieldPath: FieldValue?] = [field(.cellMemory, new): cellSize()]
      if oneIn(3) { values[field(.cellCPUs, new)] = .nodes(nodes(3)) }
      if oneIn(3) { values[field(.cellAccess, new)] = word("shared", "private") }
      if oneIn(3) { values[field(.cellDiscard, new)] = .flag(oneIn(2)) }
      if oneIn(4) { values[field(.cellState, new)] = .word("present") }
      if oneIn(8) && new == "\(count)" { values[field(.cellMemory, new)] = nil }
      return values
    case 5: return [field(.cellAccess, any): word("shared", "private")]
    case 6: return [field(.cellDiscard, any): .flag(oneIn(2))]
    case 7: return [field(.cellCPUs, any): .nodes(nodes(oneIn(6) ? 4 : 3))]
    default: return [field(.cellMemory, any): cellSize()]
    }
  }

  private mutating func cellSize() -> FieldValue {
    oneIn(10) ? .size(.zero) : .size(.kibibytes(between(1024, 65_536)))
  }

  // MARK: Values

  /// One number or several consecutive ones, up to `last`.
  mutating func nodes(_ last: UInt32) -> NodeSet {
    let low = UInt32(between(0, UInt64(last)))
    return NodeSet([low...(oneIn(2) ? low : last)])
  }

  /// One of `words`; nil means absence.
  mutating func word(_ words: String?...) -> FieldValue {
    pick(words).map(FieldValue.word) ?? .absence
  }

  /// The changes that remove an item.
  func removal(
    _ state: FieldPath, _ definition: MemoryConfiguration
  ) -> [FieldPath: FieldValue?] {
    var values: [FieldPath: FieldValue?] = [:]
    for field in definition.fields(ofItemOf: state) { values.updateValue(nil, forKey: field) }
    values[state] = .some(.word("absent"))
    return values
  }
}

extension FieldName {
  fileprivate var isCell: Bool { state == .cellState }
}
