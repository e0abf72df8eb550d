// SPDX-License-Identifier: Apache-2.0

/// A row of the table of fields: all that reader, diff, documents and `explain` know of one.
///
/// A field of an item (`numa.cells.*.memory`) is one row for all items.
package final class Field: Sendable {
  /// The field's name.
  package let name: FieldName
  /// How its values are spelled.
  package let kind: FieldKind
  /// The libvirt XML behind it.
  package let element: String
  /// The libvirt calls that change it, or how else it changes.
  package let calls: String
  /// When a change is felt.
  package let takesEffect: String
  /// What the field is, in one sentence.
  package let summary: String
  /// What it means where the field is left out of the definition; nil where that means nothing.
  package let valueOfAbsence: FieldValue?
  private let access: Access

  /// How the field's values get into configurations and out of them.
  private struct Access: Sendable {
    let holds: @Sendable (FieldValue) -> Bool
    let read: @Sendable (borrowing MemoryConfiguration, String?) -> FieldValue?
    let write: @Sendable (inout MemoryConfiguration, String?, FieldValue?) -> Void
    let list: @Sendable (borrowing MemoryConfiguration) -> [String]
    let column: @Sendable (borrowing MemoryConfiguration) -> [FieldValue?]
  }

  private init(
    _ name: FieldName, kind: FieldKind, element: String, calls: String, takesEffect: String,
    summary: String, valueOfAbsence: FieldValue?, access: Access
  ) {
    self.name = name
    self.kind = kind
    self.element = element
    self.calls = calls
    self.takesEffect = takesEffect
    self.summary = summary
    self.valueOfAbsence = valueOfAbsence
    self.access = access
  }

  /// A row for a leaf of the configuration itself, read and written by closures: they are called for
  /// every field of every domain, and a stored key path takes ten times as long.
  convenience init<Leaf: FieldLeaf>(
    _ name: FieldName, _ leaf: @escaping @Sendable (borrowing MemoryConfiguration) -> Leaf?,
    _ assign: @escaping @Sendable (inout MemoryConfiguration, Leaf?) -> Void,
    kind: FieldKind = Leaf.kind, element: String, calls: String = Field.redefinition,
    takesEffect: String = Field.nextStart, summary: String, valueOfAbsence: FieldValue? = nil
  ) {
    self.init(
      name, kind: kind, element: element, calls: calls, takesEffect: takesEffect,
      summary: summary, valueOfAbsence: valueOfAbsence,
      access: Access(
        holds: { Leaf($0) != nil },
        read: { configuration, _ in leaf(configuration)?.fieldValue },
        write: { assign(&$0, $2.flatMap(Leaf.init)) },
        list: { _ in [] },
        column: { [leaf($0)?.fieldValue] }))
  }

  /// A row for a leaf of each of several items.
  convenience init<Item: ConfigurationItem, Leaf: FieldLeaf>(
    _ name: FieldName, of items: Item.Type, _ leaf: any WritableKeyPath<Item, Leaf?> & Sendable,
    kind: FieldKind = Leaf.kind,
    element: String, calls: String = Field.redefinition, takesEffect: String = Field.nextStart,
    summary: String, valueOfAbsence: FieldValue? = nil
  ) {
    self.init(
      name, kind: kind, element: element, calls: calls, takesEffect: takesEffect,
      summary: summary, valueOfAbsence: valueOfAbsence,
      access: Access(
        holds: { Leaf($0) != nil },
        read: { configuration, key in
          guard let key else { return nil }
          return Item.all(in: configuration).first { $0.hasKey(key) }?[keyPath: leaf]?.fieldValue
        },
        write: { configuration, key, value in
          guard let key else { return }
          Item.edit(&configuration) { items in
            if let index = items.firstIndex(where: { $0.hasKey(key) }) {
              items[index][keyPath: leaf] = value.flatMap(Leaf.init)
            } else if let value, var item = Item(key: key) {
              item[keyPath: leaf] = Leaf(value)
              items.append(item)
            }
          }
        },
        list: { Item.all(in: $0).map(\.key) },
        column: { Item.all(in: $0).map { $0[keyPath: leaf]?.fieldValue } }))
  }

  static let redefinition = "virDomainDefineXMLFlags, persistent only"
  static let nextStart = "at the next start"

  /// The path of a field that there is one of; nil for an item's.
  package var path: FieldPath? { isOfItem ? nil : FieldPath(name) }

  /// The field's path, of `item` where it is an item's.
  package func path(of item: String) -> FieldPath { FieldPath(name, isOfItem ? item : nil) }

  /// Whether the field is one of each of several items.
  package var isOfItem: Bool { name.isOfItem }

  /// Whether the field can hold `value`.
  package func takes(_ value: FieldValue) -> Bool {
    access.holds(value)
  }

  /// The field's value in `configuration`, for one item where it is an item's; nil where it is not
  /// managed or not there.
  package func value(in configuration: borrowing MemoryConfiguration, _ item: String? = nil)
    -> FieldValue?
  {
    access.read(configuration, item)
  }

  /// Puts `value` into `configuration`; nil takes the field out.
  ///
  /// An item that is not there yet is made.
  package func set(
    _ value: FieldValue?, in configuration: inout MemoryConfiguration, _ item: String? = nil
  ) {
    access.write(&configuration, item, value)
  }

  /// The names of all items of the field's kind, in the order of the configuration.
  func items(in configuration: borrowing MemoryConfiguration) -> [String] {
    access.list(configuration)
  }

  /// The values of all items of the field's kind, in the same order.
  func values(in configuration: borrowing MemoryConfiguration) -> [FieldValue?] {
    access.column(configuration)
  }

  /// The rows by the numbers of their names; nil for groups.
  private static let byName: [Field?] = {
    let rows = Dictionary(uniqueKeysWithValues: all.map { ($0.name, $0) })
    return FieldName.allCases.map { rows[$0] }
  }()

  /// The row of the field called `name`; nil for a group of fields.
  package static func named(_ name: FieldName) -> Field? {
    byName[Int(name.rawValue)]
  }

  /// The row of the field at `path`; nil for a group of fields.
  package static func named(_ path: FieldPath) -> Field? {
    named(path.name)
  }

  /// The rows, those of one kind of item together: each other row is a group by itself.
  fileprivate static let groups: [[Field]] = all.reduce(into: []) { groups, row in
    if let state = row.name.state, groups.last?.first?.name.state == state {
      groups[groups.count - 1].append(row)
    } else {
      groups.append([row])
    }
  }
}

extension MemoryConfiguration {
  /// The value of the field at `path`; nil where it is not managed, not there or not known.
  package subscript(_ path: FieldPath) -> FieldValue? {
    get { Field.named(path)?.value(in: self, path.item) }
    set { Field.named(path)?.set(newValue, in: &self, path.item) }
  }

  /// Every field of the item whose field `path` is that has a value, in the table's order.
  package func fields(ofItemOf path: FieldPath) -> [FieldPath] {
    guard let state = path.name.state, let item = path.item,
      let group = Field.groups.first(where: { $0[0].name.state == state })
    else { return [] }
    return group.filter { $0.value(in: self, item) != nil }.map { FieldPath($0.name, item) }
  }

  /// Every field that has a value, in the table's order and the items' order.
  ///
  /// Of an item that should be absent, that alone counts: what else is said of it only tells which
  /// one is meant.
  package var declaredFields: [FieldPath] {
    var fields: [FieldPath] = []
    for group in Field.groups {
      guard group[0].isOfItem else {
        if group[0].value(in: self) != nil { fields.append(FieldPath(group[0].name)) }
        continue
      }
      let items = group[0].items(in: self)
      guard !items.isEmpty else { continue }
      let columns = group.map { $0.values(in: self) }
      let state = group.firstIndex { $0.name.isState }
      for (index, item) in items.enumerated() {
        let isAbsent = state.map { columns[$0][index] } == ItemState.absent.fieldValue
        for (row, column) in zip(group, columns) where column[index] != nil {
          if row.name.isState || !isAbsent { fields.append(FieldPath(row.name, item)) }
        }
      }
    }
    return fields
  }
}

extension FieldName {
  /// The field that says whether the item is there; nil where the name is no item's.
  package var state: FieldName? {
    switch itemOfField {
    case .device: .deviceState
    case .cell: .cellState
    case .memnode: .memnodeState
    default: nil
    }
  }

  /// Whether the field says whether an item is there.
  package var isState: Bool { self == .deviceState || self == .cellState || self == .memnodeState }
}
