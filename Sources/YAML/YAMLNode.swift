// SPDX-License-Identifier: Apache-2.0

/// A line and a column in a text; both count from 1, the column in characters.
package struct YAMLPlace: Hashable, Comparable, Sendable {
  /// The line.
  package let line: Int
  /// The column.
  package let column: Int

  /// Makes a place in a text.
  package init(line: Int, column: Int) {
    self.line = line
    self.column = column
  }

  /// Orders places from the start of the text to its end.
  package static func < (left: YAMLPlace, right: YAMLPlace) -> Bool {
    (left.line, left.column) < (right.line, right.column)
  }
}

/// A value in a YAML or JSON document, with its place.
package struct YAMLNode: Sendable {
  /// The content of a node.
  package enum Content: Sendable {
    /// A text, a number, a truth value or null.
    case scalar(YAMLScalar)
    /// A list of values.
    case sequence([YAMLNode])
    /// Keys with values in the order of the text; no key occurs twice.
    case mapping([YAMLEntry])
  }

  /// The content of the node.
  package let content: Content
  /// The place where the value starts; for an alias, the place of the anchored value.
  package let place: YAMLPlace

  /// The scalar; nil for a list or a mapping.
  package var scalar: YAMLScalar? {
    guard case .scalar(let scalar) = content else { return nil }
    return scalar
  }

  /// Whether the value is YAML's null; an empty value is null too.
  package var isNull: Bool { scalar?.kind == .null }

  /// The kind of value, for messages, such as `a number` or `a list`.
  package var words: String {
    switch content {
    case .scalar(let scalar): scalar.kind.words
    case .sequence: "a list"
    case .mapping: "a mapping"
    }
  }
}

/// A key of a mapping, with its value.
package struct YAMLEntry: Sendable {
  /// The key.
  package let key: YAMLScalar
  /// The place of the key.
  package let place: YAMLPlace
  /// The value.
  package let value: YAMLNode
}
