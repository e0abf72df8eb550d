// SPDX-License-Identifier: Apache-2.0

/// What a field holds, whatever the field: the value that plans print, compare and write.
public enum FieldValue: Hashable, Sendable {
  /// An amount of memory; bytes in documents.
  case size(MemorySize)
  /// Any amount between two bounds, both of which are allowed.
  case sizeRange(ClosedRange<MemorySize>)
  /// A length of time in whole seconds.
  case seconds(UInt64)
  /// A number of things.
  case count(UInt64)
  /// `unlimited`: libvirt's 9007199254740991 KiB, which it writes as no element at all.
  case unlimited
  /// `none`: the element is to be taken away, or is not there where that was asked for.
  case absence
}

extension FieldValue: CustomStringConvertible {
  /// The value for people: `8 GiB`, `4 GiB to 8 GiB`, `10 s`, `unlimited`, `none`.
  public var description: String {
    switch self {
    case .size(let size): "\(size)"
    case .sizeRange(let range): "\(range.lowerBound) to \(range.upperBound)"
    case .seconds(let seconds): "\(seconds) s"
    case .count(let count): "\(count)"
    case .unlimited: "unlimited"
    case .absence: "none"
    }
  }
}

/// A leaf of ``MemoryConfiguration``: a value with a type of its own that is also a ``FieldValue``.
public protocol FieldLeaf: Hashable, Sendable {
  /// How manifests spell the leaf's values.
  static var kind: FieldKind { get }
  /// The value as every field shows it.
  var fieldValue: FieldValue { get }
  /// Makes the leaf of a field's value; nil where this leaf can't hold it.
  init?(_ value: FieldValue)
}

/// How the values of a field are spelled in a manifest.
public enum FieldKind: String, Hashable, Sendable {
  /// A size such as `8GiB`.
  case size
  /// A size, or `{min: 4GiB, max: 8GiB}`.
  case sizeOrRange
  /// A size, or `unlimited`.
  case sizeOrUnlimited
  /// A size, or `none`.
  case sizeOrNone
  /// A whole number of `s`, `m` or `h`.
  case duration
  /// A whole number, at least one.
  case count
  /// `none` alone, which takes away a group of fields.
  case onlyNone

  /// The values that are taken, in words.
  public var words: String {
    switch self {
    case .size: "a size such as 8GiB"
    case .sizeOrRange: "a size such as 8GiB, or {min: 4GiB, max: 8GiB}"
    case .sizeOrUnlimited: "a size such as 8GiB, or unlimited"
    case .sizeOrNone: "a size such as 8GiB, or none"
    case .duration: "a duration such as 10s, 5m or 1h"
    case .count: "a whole number such as 8"
    case .onlyNone: "none"
    }
  }
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
