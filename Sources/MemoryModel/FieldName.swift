// SPDX-License-Identifier: Apache-2.0

/// How names are nested: `memtune` holds `memtune.hardLimit`, and `devices` holds `devices.*`.
extension FieldName {
  /// Whether the name is that of a field of an item, or of the item itself.
  public var isOfItem: Bool { rawValue.utf8.contains(UInt8(ascii: "*")) }

  /// Whether other names are below it.
  public var isGroup: Bool { Self.tree.children[self] != nil }

  /// The names right below it.
  public var children: [FieldName] { Self.tree.children[self] ?? [] }

  /// The names right below `spec`.
  public static var outermost: [FieldName] { tree.outermost }

  /// The part behind the last dot.
  public var lastPart: String {
    guard let dot = rawValue.utf8.lastIndex(of: UInt8(ascii: ".")) else { return rawValue }
    return String(rawValue[rawValue.utf8.index(after: dot)...])
  }

  /// The groups that the name is in, the nearest first.
  public var ancestors: [FieldName] { Self.tree.ancestors[self] ?? [] }

  /// Whether the name is in `group`, at whatever depth.
  public func isBelow(_ group: FieldName) -> Bool {
    let (name, group) = (rawValue.utf8, group.rawValue.utf8)
    return name.count > group.count && name.starts(with: group)
      && name.dropFirst(group.count).first == UInt8(ascii: ".")
  }

  /// The items that a group consists of, such as `devices.*`; nil where it consists of none.
  public var itemOfGroup: FieldName? {
    switch self {
    case .devices: .device
    case .cells: .cell
    case .memnodes: .memnode
    default: nil
    }
  }

  /// The item that the name is a field of, or is itself; nil where it is no item's.
  public var itemOfField: FieldName? {
    guard isOfItem else { return nil }
    return Self.items.first { $0 == self || isBelow($0) }
  }

  /// Whether an item can be called `key`: a cell is numbered, without a sign or leading zeros; a
  /// device has a name of which libvirt can make an alias.
  public func takesItem(named key: String) -> Bool {
    switch self {
    case .device:
      return !key.isEmpty
        && key.utf8.allSatisfy { byte in
          switch byte {
          case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
          default: false
          }
        }
    case .cell, .memnode:
      return UInt32(key).map { $0 < NodeSet.limit && "\($0)" == key } ?? false
    default: return false
    }
  }

  /// The name of the field or group called `part` right below `group`, or below `spec`.
  static func named(_ part: String, in group: FieldName?) -> FieldName? {
    guard let group else { return tree.outermostByPart[part] }
    return tree.byPart[group]?[part]
  }

  private static let items: [FieldName] = [.device, .cell, .memnode]

  /// The names by their places, so that reading a manifest looks them up and searches nothing.
  private struct Tree: Sendable {
    var outermost: [FieldName] = []
    var outermostByPart: [String: FieldName] = [:]
    var children: [FieldName: [FieldName]] = [:]
    var byPart: [FieldName: [String: FieldName]] = [:]
    var ancestors: [FieldName: [FieldName]] = [:]
  }

  private static let tree = allCases.reduce(into: Tree()) { tree, name in
    let part = name.lastPart
    // A group stands before what is in it.
    guard let parent = FieldName(rawValue: String(name.rawValue.dropLast(part.count + 1))) else {
      tree.outermost.append(name)
      tree.outermostByPart[part] = name
      return
    }
    tree.children[parent, default: []].append(name)
    tree.ancestors[name] = [parent] + (tree.ancestors[parent] ?? [])
    if part != "*" { tree.byPart[parent, default: [:]][part] = name }
  }
}
