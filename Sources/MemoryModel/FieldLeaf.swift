// SPDX-License-Identifier: Apache-2.0

/// A leaf of ``MemoryConfiguration``: a value with a type of its own that is also a ``FieldValue``.
public protocol FieldLeaf: Hashable, Sendable {
  /// How manifests spell the leaf's values.
  static var kind: FieldKind { get }
  /// The value as every field shows it.
  var fieldValue: FieldValue { get }
  /// Makes the leaf of a field's value; nil where this leaf can't hold it.
  init?(_ value: FieldValue)
}

extension MemorySize: FieldLeaf {
  /// A plain size.
  public static var kind: FieldKind { .size }

  /// The size itself.
  public var fieldValue: FieldValue { .size(self) }

  /// Takes a size and nothing else.
  public init?(_ value: FieldValue) {
    guard case .size(let size) = value else { return nil }
    self = size
  }
}

extension Bool: FieldLeaf {
  /// `true` or `false`.
  public static var kind: FieldKind { .boolean }

  /// The truth value itself.
  public var fieldValue: FieldValue { .flag(self) }

  /// Takes a truth value.
  public init?(_ value: FieldValue) {
    guard case .flag(let flag) = value else { return nil }
    self = flag
  }
}

/// A leaf that is one of a few words, libvirt's own.
public protocol WordLeaf: FieldLeaf, RawRepresentable<String>, CaseIterable {}

extension WordLeaf {
  /// One of the words.
  public static var kind: FieldKind { .word(allCases.map(\.rawValue)) }

  /// The word.
  public var fieldValue: FieldValue { .word(rawValue) }

  /// Takes one of the words.
  public init?(_ value: FieldValue) {
    guard case .word(let word) = value else { return nil }
    self.init(rawValue: word)
  }
}

/// A word that `none` takes away.
public enum OrNone<Leaf: WordLeaf>: FieldLeaf {
  /// Nothing is said; desired, that nothing be said.
  case absent
  /// The word.
  case some(Leaf)

  /// The word; nil where nothing is said.
  public var word: Leaf? {
    if case .some(let leaf) = self { leaf } else { nil }
  }

  /// One of the words, or `none`.
  public static var kind: FieldKind { .wordOrNone(Leaf.allCases.map(\.rawValue)) }

  /// The word, or `none`.
  public var fieldValue: FieldValue {
    switch self {
    case .absent: .absence
    case .some(let leaf): leaf.fieldValue
    }
  }

  /// Takes one of the words, or `none`.
  public init?(_ value: FieldValue) {
    if value == .absence {
      self = .absent
    } else {
      guard let leaf = Leaf(value) else { return nil }
      self = .some(leaf)
    }
  }
}

/// A number of things, of which there is at least one.
public struct Count: FieldLeaf, ExpressibleByIntegerLiteral {
  /// The number.
  public let count: UInt64

  /// Makes so many.
  public init(_ count: UInt64) {
    self.count = count
  }

  /// Makes so many.
  public init(integerLiteral count: UInt64) {
    self.init(count)
  }

  /// A count.
  public static var kind: FieldKind { .count }

  /// The count.
  public var fieldValue: FieldValue { .count(count) }

  /// Takes a count.
  public init?(_ value: FieldValue) {
    guard case .count(let count) = value else { return nil }
    self.count = count
  }
}

/// The number of something, counted from zero.
public struct Number: FieldLeaf, ExpressibleByIntegerLiteral {
  /// The number.
  public let number: UInt64

  /// Makes the number.
  public init(_ number: UInt64) {
    self.number = number
  }

  /// Makes the number.
  public init(integerLiteral number: UInt64) {
    self.init(number)
  }

  /// A number.
  public static var kind: FieldKind { .number }

  /// The number.
  public var fieldValue: FieldValue { .count(number) }

  /// Takes a number.
  public init?(_ value: FieldValue) {
    guard case .count(let number) = value else { return nil }
    self.number = number
  }
}

/// Any text, such as a path.
public struct Text: FieldLeaf, ExpressibleByStringLiteral {
  /// The text.
  public let text: String

  /// Makes a text.
  public init(_ text: String) {
    self.text = text
  }

  /// Makes a text.
  public init(stringLiteral text: String) {
    self.init(text)
  }

  /// A text.
  public static var kind: FieldKind { .text }

  /// The text.
  public var fieldValue: FieldValue { .word(text) }

  /// Takes a text.
  public init?(_ value: FieldValue) {
    guard case .word(let text) = value else { return nil }
    self.text = text
  }
}

/// Whether an element that `none` takes away is there, and with which size where it has one.
public enum Removal: FieldLeaf {
  /// It is not there, or should not be.
  case absent
  /// It is there.
  case present(MemorySize?)

  /// `none` alone.
  public static var kind: FieldKind { .onlyNone }

  /// The size, `present`, or `none`.
  public var fieldValue: FieldValue {
    switch self {
    case .absent: .absence
    case .present(let size): size.map(FieldValue.size) ?? .word("present")
    }
  }

  /// Takes a size, `present` or `none`.
  public init?(_ value: FieldValue) {
    switch value {
    case .absence: self = .absent
    case .size(let size): self = .present(size)
    case .word("present"): self = .present(nil)
    default: return nil
    }
  }
}
