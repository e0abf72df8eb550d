// SPDX-License-Identifier: Apache-2.0

/// A row of the field table: all that readers, comparisons, documents and `explain` know of a
/// field.
///
/// A field that items have (`numa.cells.*.memory`) is one row for all items.
package final class Field: Sendable {
  /// The field's name.
  package let name: FieldName
  /// How manifests spell the field's values.
  package let kind: FieldKind
  /// The element or attribute of libvirt's domain XML that holds the field.
  package let element: String
  /// The libvirt calls that change the field.
  package let calls: FieldCalls
  /// When a change takes effect.
  package let takesEffect: String
  /// What the field is, in one sentence for `explain`.
  package let summary: String
  /// The value that libvirt assumes where the definition leaves the field out; nil for no such
  /// value.
  package let valueOfAbsence: FieldValue?
  private let access: Access

  /// The functions that read and write the field in a configuration.
  private struct Access: Sendable {
    let holds: @Sendable (FieldValue) -> Bool
    let read: @Sendable (borrowing MemoryConfiguration, String?) -> FieldValue?
    let write: @Sendable (inout MemoryConfiguration, String?, FieldValue?) -> Void
    let list: @Sendable (borrowing MemoryConfiguration) -> [String]
    let column: @Sendable (borrowing MemoryConfiguration) -> [FieldValue?]
  }

  private init(
    _ name: FieldName, kind: FieldKind, element: String, calls: FieldCalls, takesEffect: String,
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

  /// Makes a row for a field that a configuration has once.
  ///
  /// The closures are called for every field of every domain; stored key paths take ten times as
  /// long.
  convenience init<Leaf: FieldLeaf>(
    _ name: FieldName, _ leaf: @escaping @Sendable (borrowing MemoryConfiguration) -> Leaf?,
    _ assign: @escaping @Sendable (inout MemoryConfiguration, Leaf?) -> Void,
    kind: FieldKind = Leaf.kind, element: String, calls: FieldCalls = .redefinition,
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

  /// Makes a row for a field that every item of one kind has.
  convenience init<Item: ConfigurationItem, Leaf: FieldLeaf>(
    _ name: FieldName, of items: Item.Type, _ leaf: any WritableKeyPath<Item, Leaf?> & Sendable,
    kind: FieldKind = Leaf.kind,
    element: String, calls: FieldCalls = .redefinition, takesEffect: String = Field.nextStart,
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

  static let nextStart = "at the next start"

  /// The path of a field that a configuration has once; nil for a field of items.
  package var path: FieldPath? { isOfItem ? nil : FieldPath(name) }

  /// The field's path; `item` is used only where the field is one of items.
  package func path(of item: String) -> FieldPath { FieldPath(name, isOfItem ? item : nil) }

  /// Whether the field belongs to items: guest cells, bindings of cells, or memory devices.
  package var isOfItem: Bool { name.isOfItem }

  /// Whether `value` has a type that the field can hold.
  package func takes(_ value: FieldValue) -> Bool {
    access.holds(value)
  }

  /// The field's value in `configuration`, for a field of items that of `item`.
  ///
  /// Nil where the value is not set (desired) or not present (observed).
  package func value(in configuration: borrowing MemoryConfiguration, _ item: String? = nil)
    -> FieldValue?
  {
    access.read(configuration, item)
  }

  /// Writes `value` into `configuration`; nil removes the value.
  ///
  /// Adds the item if `configuration` does not have it and `value` is not nil.
  package func set(
    _ value: FieldValue?, in configuration: inout MemoryConfiguration, _ item: String? = nil
  ) {
    access.write(&configuration, item, value)
  }

  /// The keys of all items of the field's kind, in the order of the configuration.
  func items(in configuration: borrowing MemoryConfiguration) -> [String] {
    access.list(configuration)
  }

  /// The field's value in every item, in the order of ``items(in:)``.
  func values(in configuration: borrowing MemoryConfiguration) -> [FieldValue?] {
    access.column(configuration)
  }

  /// The rows, indexed by the raw values of the field names; nil for groups.
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

  /// The rows in groups: one group for each kind of item, and one for each other field.
  fileprivate static let groups: [[Field]] = all.reduce(into: []) { groups, row in
    if let state = row.name.state, groups.last?.first?.name.state == state {
      groups[groups.count - 1].append(row)
    } else {
      groups.append([row])
    }
  }
}

extension MemoryConfiguration {
  /// The value of the field at `path`; nil where it is not set, not present or not known.
  package subscript(_ path: FieldPath) -> FieldValue? {
    get { Field.named(path)?.value(in: self, path.item) }
    set { Field.named(path)?.set(newValue, in: &self, path.item) }
  }

  /// The paths of all fields that are set in the item of `path`, in the table's order.
  package func fields(ofItemOf path: FieldPath) -> [FieldPath] {
    guard let state = path.name.state, let item = path.item,
      let group = Field.groups.first(where: { $0[0].name.state == state })
    else { return [] }
    return group.filter { $0.value(in: self, item) != nil }.map { FieldPath($0.name, item) }
  }

  /// The paths of all fields that are set, in the order of the table and of the items.
  ///
  /// Of an item with the state `absent` only the state is listed: its other fields only identify
  /// it.
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
  /// The field that holds the item's state, present or absent; nil for a field outside items.
  package var state: FieldName? {
    switch itemOfField {
    case .device: .deviceState
    case .cell: .cellState
    case .memnode: .memnodeState
    default: nil
    }
  }

  /// Whether the field holds the state of an item.
  package var isState: Bool { self == .deviceState || self == .cellState || self == .memnodeState }
}
