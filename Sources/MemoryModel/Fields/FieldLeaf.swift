// SPDX-License-Identifier: Apache-2.0

/// A typed value of ``MemoryConfiguration`` that can be converted to and from ``FieldValue``.
package protocol FieldLeaf: Hashable, Sendable {
  /// How manifests spell the value.
  static var kind: FieldKind { get }
  /// The value without its own type, as plans compare and print it.
  var fieldValue: FieldValue { get }
  /// Makes the typed value; nil where this type can't hold `value`.
  init?(_ value: FieldValue)
}

extension MemorySize: FieldLeaf {
  /// Manifests spell a size.
  package static var kind: FieldKind { .size }

  /// The size as ``FieldValue/size(_:)``.
  package var fieldValue: FieldValue { .size(self) }

  /// Makes a size from ``FieldValue/size(_:)``; nil for any other value.
  package init?(_ value: FieldValue) {
    guard case .size(let size) = value else { return nil }
    self = size
  }
}

extension Bool: FieldLeaf {
  /// Manifests spell `true` or `false`.
  package static var kind: FieldKind { .boolean }

  /// The truth value as ``FieldValue/flag(_:)``.
  package var fieldValue: FieldValue { .flag(self) }

  /// Makes a truth value from ``FieldValue/flag(_:)``; nil for any other value.
  package init?(_ value: FieldValue) {
    guard case .flag(let flag) = value else { return nil }
    self = flag
  }
}

/// A value that is one of a few words; the words are libvirt's.
package protocol WordLeaf: FieldLeaf, RawRepresentable<String>, CaseIterable {}

extension WordLeaf {
  /// Manifests spell one of the words.
  package static var kind: FieldKind { .word(allCases.map(\.rawValue)) }

  /// The word as ``FieldValue/word(_:)``.
  package var fieldValue: FieldValue { .word(rawValue) }

  /// Makes the value from one of its words; nil for any other value.
  package init?(_ value: FieldValue) {
    guard case .word(let word) = value else { return nil }
    self.init(rawValue: word)
  }
}

/// A word, or `none` to remove it.
package enum OrNone<Leaf: WordLeaf>: FieldLeaf {
  /// There is no word; as a desired value, the word must be removed.
  case absent
  /// The value is this word.
  case some(Leaf)

  /// The word; nil for `none`.
  package var word: Leaf? {
    if case .some(let leaf) = self { leaf } else { nil }
  }

  /// Manifests spell one of the words, or `none`.
  package static var kind: FieldKind { .wordOrNone(Leaf.allCases.map(\.rawValue)) }

  /// The word as ``FieldValue/word(_:)``, or ``FieldValue/absence``.
  package var fieldValue: FieldValue {
    switch self {
    case .absent: .absence
    case .some(let leaf): leaf.fieldValue
    }
  }

  /// Makes the value from one of its words or `none`; nil for any other value.
  package init?(_ value: FieldValue) {
    if value == .absence {
      self = .absent
    } else {
      guard let leaf = Leaf(value) else { return nil }
      self = .some(leaf)
    }
  }
}

/// A quantity, such as a number of threads, or an index, such as the number of a guest cell.
package struct Count: FieldLeaf, ExpressibleByIntegerLiteral {
  /// The number.
  package let count: UInt64

  /// Makes a count.
  package init(_ count: UInt64) {
    self.count = count
  }

  /// Makes a count from a literal.
  package init(integerLiteral count: UInt64) {
    self.init(count)
  }

  /// Manifests spell a whole number, at least one; the row of an index allows zero too.
  package static var kind: FieldKind { .count }

  /// The number as ``FieldValue/count(_:)``.
  package var fieldValue: FieldValue { .count(count) }

  /// Makes a count from ``FieldValue/count(_:)``; nil for any other value.
  package init?(_ value: FieldValue) {
    guard case .count(let count) = value else { return nil }
    self.count = count
  }
}

/// Any text, such as a path.
package struct Text: FieldLeaf, ExpressibleByStringLiteral {
  /// The text.
  package let text: String

  /// Makes a text.
  package init(_ text: String) {
    self.text = text
  }

  /// Makes a text.
  package init(stringLiteral text: String) {
    self.init(text)
  }

  /// Manifests spell any text.
  package static var kind: FieldKind { .text }

  /// The text as ``FieldValue/word(_:)``.
  package var fieldValue: FieldValue { .word(text) }

  /// Makes a text from ``FieldValue/word(_:)``; nil for any other value.
  package init?(_ value: FieldValue) {
    guard case .word(let text) = value else { return nil }
    self.text = text
  }
}

/// Whether an element that manifests can remove with `none` is present.
///
/// Manifests can only declare `none`. For `<maxMemory>` the observed value also has the size.
package enum Presence: FieldLeaf {
  /// The element is not present; as a desired value, it must be removed.
  case absent
  /// The element is present; its size, where the element has one.
  case present(MemorySize?)

  /// Manifests spell `none` and nothing else.
  package static var kind: FieldKind { .onlyNone }

  /// ``FieldValue/size(_:)``, the word `present`, or ``FieldValue/absence``.
  package var fieldValue: FieldValue {
    switch self {
    case .absent: .absence
    case .present(let size): size.map(FieldValue.size) ?? .word("present")
    }
  }

  /// Makes the value from a size, `present` or `none`; nil for any other value.
  package init?(_ value: FieldValue) {
    switch value {
    case .absence: self = .absent
    case .size(let size): self = .present(size)
    case .word("present"): self = .present(nil)
    default: return nil
    }
  }
}
