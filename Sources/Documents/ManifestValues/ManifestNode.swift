// SPDX-License-Identifier: Apache-2.0

internal import YAML

/// A value of a manifest that virtmem writes in readable YAML.
indirect enum ManifestNode {
  /// A scalar's YAML text, including its quotes.
  case scalar(String)
  /// Values by key, in the order in which they are written.
  case mapping([(key: String, value: ManifestNode)])
  /// A list of values.
  case list([ManifestNode])

  /// The maximum width of a line that holds a mapping or list in one line.
  private static let width = 100

  /// The value in YAML's flow style, in one line.
  var flow: String {
    switch self {
    case .scalar(let text): text
    case .mapping(let entries):
      "{\(entries.map { "\($0.key): \($0.value.flow)" }.joined(separator: ", "))}"
    case .list(let nodes): "[\(nodes.map(\.flow).joined(separator: ", "))]"
    }
  }

  /// The depth of nested mappings and lists.
  private var depth: Int {
    switch self {
    case .scalar: 0
    case .mapping(let entries): 1 + (entries.map(\.value.depth).max() ?? 0)
    case .list(let nodes): 1 + (nodes.map(\.depth).max() ?? 0)
    }
  }

  /// Appends the entries of a mapping to `lines`, each in one line if it is simple and short
  /// enough.
  ///
  /// A mapping of scalars takes one line, as does an item that holds only scalars and ranges. Any
  /// other mapping takes one line for each entry.
  static func write(
    _ entries: [(key: String, value: ManifestNode)], indent: Int, isItem: Bool = false,
    to lines: inout [String]
  ) {
    let margin = String(repeating: " ", count: indent)
    for (key, value) in entries {
      let line = "\(margin)\(key): \(value.flow)"
      let isFlat = value.depth <= (isItem ? 2 : 1) || value.isList
      if isFlat && line.unicodeScalars.count <= width {
        lines.append(line)
        continue
      }
      switch value {
      case .scalar: lines.append(line)
      case .mapping(let below):
        lines.append("\(margin)\(key):")
        write(below, indent: indent + 2, isItem: value.holdsItems, to: &lines)
      case .list(let nodes):
        lines.append("\(margin)\(key):")
        lines += nodes.map { "\(margin)  - \($0.flow)" }
      }
    }
  }

  private var isList: Bool { if case .list = self { true } else { false } }

  /// Whether all values of the mapping are mappings, as with devices and cells.
  private var holdsItems: Bool {
    guard case .mapping(let entries) = self else { return false }
    return entries.allSatisfy { if case .mapping = $0.value { true } else { false } }
  }
}

/// Spells texts as YAML scalars.
enum YAMLSpelling {
  /// `text` as a scalar, quoted unless every YAML reader reads the plain form as the same string.
  static func scalar(_ text: String) -> String {
    isPlain(text) ? text : quoted(text)
  }

  /// `text` in double quotes, with the escapes of JSON where YAML has them too.
  static func quoted(_ text: String) -> String {
    var json = JSONWriter(asYAML: true)
    json.string(text)
    return String(decoding: json.bytes, as: UTF8.self)
  }

  /// Words that YAML 1.1 readers don't read as strings.
  private static let foreignWords: Set<String> = [
    "y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan", "inf",
  ]

  /// Whether `text` needs no quotes: it begins with a letter, a digit or `/`, and is not like a
  /// number or another type.
  private static func isPlain(_ text: String) -> Bool {
    guard let first = text.utf8.first, isLetter(first) || isDigit(first) || first == 0x2F,
      text.utf8.allSatisfy({ isLetter($0) || isDigit($0) || "_-./".utf8.contains($0) }),
      YAMLScalar(text: text, isPlain: true).kind == .string
    else { return false }
    // YAML 1.1 may read digits with `_`, `-` or `.` as numbers or dates.
    let isNumberLike = isDigit(first) && text.utf8.allSatisfy { isDigit($0) || !isLetter($0) }
    return !isNumberLike && !foreignWords.contains(text.lowercased()) && !text.hasPrefix("0x")
      && !text.hasPrefix("0o")
  }

  private static func isLetter(_ byte: UInt8) -> Bool {
    (0x61...0x7A).contains(byte) || (0x41...0x5A).contains(byte)
  }

  private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
}
