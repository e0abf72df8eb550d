// SPDX-License-Identifier: Apache-2.0

/// A leaf of ``MemoryConfiguration``: a value with a type of its own that is also a ``FieldValue``.
package protocol FieldLeaf: Hashable, Sendable {
  /// How manifests spell the leaf's values.
  static var kind: FieldKind { get }
  /// The value as every field shows it.
  var fieldValue: FieldValue { get }
  /// Makes the leaf of a field's value; nil where this leaf can't hold it.
  init?(_ value: FieldValue)
}

extension MemorySize: FieldLeaf {
  /// A plain size.
  package static var kind: FieldKind { .size }

  /// The size itself.
  package var fieldValue: FieldValue { .size(self) }

  /// Takes a size and nothing else.
  package init?(_ value: FieldValue) {
    guard case .size(let size) = value else { return nil }
    self = size
  }
}

extension Bool: FieldLeaf {
  /// `true` or `false`.
  package static var kind: FieldKind { .boolean }

  /// The truth value itself.
  package var fieldValue: FieldValue { .flag(self) }

  /// Takes a truth value.
  package init?(_ value: FieldValue) {
    guard case .flag(let flag) = value else { return nil }
    self = flag
  }
}

/// A leaf that is one of a few words, libvirt's own.
package protocol WordLeaf: FieldLeaf, RawRepresentable<String>, CaseIterable {}

extension WordLeaf {
  /// One of the words.
  package static var kind: FieldKind { .word(allCases.map(\.rawValue)) }

  /// The word.
  package var fieldValue: FieldValue { .word(rawValue) }

  /// Takes one of the words.
  package init?(_ value: FieldValue) {
    guard case .word(let word) = value else { return nil }
    self.init(rawValue: word)
  }
}

/// A word that `none` takes away.
package enum OrNone<Leaf: WordLeaf>: FieldLeaf {
  /// Nothing is said; desired, that nothing be said.
  case absent
  /// The word.
  case some(Leaf)

  /// The word; nil where nothing is said.
  package var word: Leaf? {
    if case .some(let leaf) = self { leaf } else { nil }
  }

  /// One of the words, or `none`.
  package static var kind: FieldKind { .wordOrNone(Leaf.allCases.map(\.rawValue)) }

  /// The word, or `none`.
  package var fieldValue: FieldValue {
    switch self {
    case .absent: .absence
    case .some(let leaf): leaf.fieldValue
    }
  }

  /// Takes one of the words, or `none`.
  package init?(_ value: FieldValue) {
    if value == .absence {
      self = .absent
    } else {
      guard let leaf = Leaf(value) else { return nil }
      self = .some(leaf)
    }
  }
}

/// A number of things, of which there is at least one.
package struct Count: FieldLeaf, ExpressibleByIntegerLiteral {
  /// The number.
  package let count: UInt64

  /// Makes so many.
  package init(_ count: UInt64) {
    self.count = count
  }

  /// Makes so many.
  package init(integerLiteral count: UInt64) {
    self.init(count)
  }

  /// A count.
  package static var kind: FieldKind { .count }

  /// The count.
  package var fieldValue: FieldValue { .count(count) }

  /// Takes a count.
  package init?(_ value: FieldValue) {
    guard case .count(let count) = value else { return nil }
    self.count = count
  }
}

/// The number of something, counted from zero.
package struct Number: FieldLeaf, ExpressibleByIntegerLiteral {
  /// The number.
  package let number: UInt64

  /// Makes the number.
  package init(_ number: UInt64) {
    self.number = number
  }

  /// Makes the number.
  package init(integerLiteral number: UInt64) {
    self.init(number)
  }

  /// A number.
  package static var kind: FieldKind { .number }

  /// The number.
  package var fieldValue: FieldValue { .count(number) }

  /// Takes a number.
  package init?(_ value: FieldValue) {
    guard case .count(let number) = value else { return nil }
    self.number = number
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

  /// A text.
  package static var kind: FieldKind { .text }

  /// The text.
  package var fieldValue: FieldValue { .word(text) }

  /// Takes a text.
  package init?(_ value: FieldValue) {
    guard case .word(let text) = value else { return nil }
    self.text = text
  }
}

/// Whether an element that `none` takes away is there, and with which size where it has one.
package enum Removal: FieldLeaf {
  /// It is not there, or should not be.
  case absent
  /// It is there.
  case present(MemorySize?)

  /// `none` alone.
  package static var kind: FieldKind { .onlyNone }

  /// The size, `present`, or `none`.
  package var fieldValue: FieldValue {
    switch self {
    case .absent: .absence
    case .present(let size): size.map(FieldValue.size) ?? .word("present")
    }
  }

  /// Takes a size, `present` or `none`.
  package init?(_ value: FieldValue) {
    switch value {
    case .absence: self = .absent
    case .size(let size): self = .present(size)
    case .word("present"): self = .present(nil)
    default: return nil
    }
  }
}
