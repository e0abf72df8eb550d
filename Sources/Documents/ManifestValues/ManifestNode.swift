// SPDX-License-Identifier: Apache-2.0

internal import YAML

/// A value of a manifest that is being written, as YAML that people like to read.
indirect enum ManifestNode {
  /// A scalar as it stands in the text, quotes included.
  case scalar(String)
  /// Values by key, in the order of the text.
  case mapping([(key: String, value: ManifestNode)])
  /// Values in order.
  case list([ManifestNode])

  /// How wide a line may be that holds a whole mapping.
  private static let width = 100

  /// The value in one line.
  var flow: String {
    switch self {
    case .scalar(let text): text
    case .mapping(let entries):
      "{\(entries.map { "\($0.key): \($0.value.flow)" }.joined(separator: ", "))}"
    case .list(let nodes): "[\(nodes.map(\.flow).joined(separator: ", "))]"
    }
  }

  /// How many mappings and lists are within each other.
  private var depth: Int {
    switch self {
    case .scalar: 0
    case .mapping(let entries): 1 + (entries.map(\.value.depth).max() ?? 0)
    case .list(let nodes): 1 + (nodes.map(\.depth).max() ?? 0)
    }
  }

  /// Appends the entries of a mapping, a line each where one is short enough to be one.
  ///
  /// A mapping of single values stands in one line; one that holds others is drawn out, but for a
  /// range within an item.
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

  /// Whether all that the mapping holds are mappings: devices, cells.
  private var holdsItems: Bool {
    guard case .mapping(let entries) = self else { return false }
    return entries.allSatisfy { if case .mapping = $0.value { true } else { false } }
  }
}

/// How texts stand in YAML.
enum YAMLSpelling {
  /// `text` as a scalar: plain where every reader takes it for just that text, else quoted.
  static func scalar(_ text: String) -> String {
    isPlain(text) ? text : quoted(text)
  }

  /// `text` in double quotes, escaped so that YAML and JSON read it back.
  static func quoted(_ text: String) -> String {
    var json = JSONWriter()
    json.string(text)
    return String(decoding: json.bytes, as: UTF8.self)
  }

  /// Words that a reader of YAML 1.1 takes for something else than text.
  private static let foreignWords: Set<String> = [
    "y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan", "inf",
  ]

  /// Whether `text` needs no quotes: letters first, or a digit in something that is no number.
  private static func isPlain(_ text: String) -> Bool {
    guard let first = text.utf8.first, isLetter(first) || isDigit(first) || first == 0x2F,
      text.utf8.allSatisfy({ isLetter($0) || isDigit($0) || "_-./".utf8.contains($0) }),
      YAMLScalar(text: text, isPlain: true).kind == .string
    else { return false }
    // In YAML 1.1 digits with `_`, `-` or `.` among them may be numbers or dates.
    let isNumberLike = isDigit(first) && text.utf8.allSatisfy { isDigit($0) || !isLetter($0) }
    return !isNumberLike && !foreignWords.contains(text.lowercased()) && !text.hasPrefix("0x")
      && !text.hasPrefix("0o")
  }

  private static func isLetter(_ byte: UInt8) -> Bool {
    (0x61...0x7A).contains(byte) || (0x41...0x5A).contains(byte)
  }

  private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
}
