// SPDX-License-Identifier: Apache-2.0

/// A line and a column of a text, both counted from 1, the column in characters.
package struct YAMLPlace: Hashable, Comparable, Sendable {
  /// The line.
  package let line: Int
  /// The column.
  package let column: Int

  /// Makes a place.
  package init(line: Int, column: Int) {
    self.line = line
    self.column = column
  }

  /// The earlier place first.
  package static func < (left: YAMLPlace, right: YAMLPlace) -> Bool {
    (left.line, left.column) < (right.line, right.column)
  }
}

/// A value of a YAML or JSON document, with the place where it stands.
package struct YAMLNode: Sendable {
  /// What a node holds.
  package enum Content: Sendable {
    /// Text, a number, a truth value or nothing.
    case scalar(YAMLScalar)
    /// Values in order.
    case sequence([YAMLNode])
    /// Values by key, in the order of the text; no key is there twice.
    case mapping([YAMLEntry])
  }

  /// What the node holds.
  package let content: Content
  /// Where it begins; for what an alias stands for, where its anchor is.
  package let place: YAMLPlace

  /// The scalar; nil for a sequence or a mapping.
  package var scalar: YAMLScalar? {
    guard case .scalar(let scalar) = content else { return nil }
    return scalar
  }

  /// Whether this is YAML's null, which an empty value is too.
  package var isNull: Bool { scalar?.kind == .null }

  /// What the node is, for messages: `a number`, `a list`.
  package var words: String {
    switch content {
    case .scalar(let scalar): scalar.kind.words
    case .sequence: "a list"
    case .mapping: "a mapping"
    }
  }
}

/// A key of a mapping with its value.
package struct YAMLEntry: Sendable {
  /// The key.
  package let key: YAMLScalar
  /// Where the key stands.
  package let place: YAMLPlace
  /// The value.
  package let value: YAMLNode
}
