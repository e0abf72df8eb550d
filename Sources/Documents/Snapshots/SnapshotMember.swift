// SPDX-License-Identifier: Apache-2.0

internal import MemoryModel

/// A member of a definition in a snapshot.
enum SnapshotMember: Sendable {
  /// A field from the table of fields; the key is its path.
  case field(Field)
  /// The cells, memnodes or devices, as an array in the order of the definition.
  case items(SnapshotItems)
  /// The parts of the definition that limit its memory but are not fields.
  case surroundings

  /// All members, in the order of their keys' bytes.
  static let ofDefinitions: [(key: String, member: SnapshotMember)] = {
    let fields = Field.all.filter { !$0.isOfItem }
      .map { (key: $0.name.text, member: SnapshotMember.field($0)) }
    let others: [(key: String, member: SnapshotMember)] = [
      ("cells", .items(.cells)), ("devices", .items(.devices)), ("memnodes", .items(.memnodes)),
      ("surroundings", .surroundings),
    ]
    return (fields + others).sorted { $0.key < $1.key }
  }()
}

/// The members that a snapshot writes for each item of one kind.
struct SnapshotItems: Sendable {
  /// A member of an item: a field, or a value that no field holds.
  enum Leaf: Sendable {
    case field(Field)
    /// A cell's number.
    case number
    /// A device's user alias.
    case alias
    /// The address of a DIMM or NVDIMM in the guest, from `<address type='dimm'>`.
    case base
    /// The size that a virtio-mem device has plugged, from `<target><current>`.
    case plugged
  }

  /// All members, in the order of their keys' bytes.
  let leaves: [(key: String, leaf: Leaf)]
  private let state: FieldName

  static let cells = SnapshotItems(of: .cellState, and: [("id", .number)])
  static let memnodes = SnapshotItems(of: .memnodeState, and: [("cell", .number)])
  static let devices = SnapshotItems(
    of: .deviceState, and: [("alias", .alias), ("base", .base), ("plugged", .plugged)])

  private init(of state: FieldName, and others: [(key: String, leaf: Leaf)]) {
    self.state = state
    let fields = Field.all.filter { $0.name.state == state }
      .map { (key: $0.name.lastPart, leaf: Leaf.field($0)) }
    leaves = (fields + others).sorted { $0.key < $1.key }
  }

  /// The values of every item, in the definition's order.
  func values(of definition: MemoryConfiguration) -> [[(key: String, value: FieldValue)]] {
    // Each item is in a definition of its own, because the table of fields looks an item up among all
    // others.
    var single = MemoryConfiguration()
    switch state {
    case .cellState:
      return definition.cells.map { cell in
        single.cells = [cell]
        return values(of: cell.key, single, number: cell.id)
      }
    case .memnodeState:
      return definition.numatune.memnodes.map { memnode in
        single.numatune.memnodes = [memnode]
        return values(of: memnode.key, single, number: memnode.cell)
      }
    default:
      return definition.devices.map { device in
        single.devices = [device]
        single.devices[0].name = Self.itemName
        return values(of: Self.itemName, single, device: device)
      }
    }
  }

  /// A temporary name for a device, because the table of fields finds devices by name.
  static let itemName = "item"

  private func values(
    of item: String, _ definition: MemoryConfiguration, number: UInt32? = nil,
    device: MemoryDevice? = nil
  ) -> [(key: String, value: FieldValue)] {
    leaves.compactMap { key, leaf in
      let value: FieldValue? =
        switch leaf {
        case .field(let field): field.value(in: definition, item)
        case .number: number.map { .count(UInt64($0)) }
        case .alias: device?.alias.map(FieldValue.word)
        case .base: device?.base?.fieldValue
        case .plugged: device?.plugged.map(FieldValue.size)
        }
      return value.map { (key, $0) }
    }
  }

  /// Adds an item with `values` to `definition`; false if they don't form an item.
  func add(_ values: [(leaf: Leaf, value: FieldValue)], to definition: inout MemoryConfiguration)
    -> Bool
  {
    var (key, alias, plugged) = (Self.itemName, String?.none, MemorySize?.none)
    var base: Address?
    for (leaf, value) in values {
      switch (leaf, value) {
      case (.number, .count(let number)): key = "\(number)"
      case (.alias, .word(let text)): alias = text
      case (.base, let value): base = Address(value)
      case (.plugged, .size(let size)): plugged = size
      default: break
      }
    }
    // The item is made in a definition of its own, because the table of fields looks an item up among
    // all others.
    var single = MemoryConfiguration()
    switch state {
    case .cellState:
      guard let cell = NUMACell(key: key) else { return false }
      single.cells = [cell]
    case .memnodeState:
      guard let memnode = NUMAMemnode(key: key) else { return false }
      single.numatune.memnodes = [memnode]
    default:
      single.devices = [MemoryDevice(name: key, alias: alias, plugged: plugged)]
    }
    for case (.field(let field), let value) in values { field.set(value, in: &single, key) }
    for var device in single.devices {
      device.name = nil
      device.base = base
      definition.devices.append(device)
    }
    definition.cells += single.cells
    definition.numatune.memnodes += single.numatune.memnodes
    return true
  }
}
