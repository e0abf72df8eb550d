// SPDX-License-Identifier: Apache-2.0

/// The ceiling of a guest's memory.
///
/// The corresponding libvirt element is `<maxMemory slots='…'>`; no call but a redefinition changes
/// it.
public struct MaxMemory: Hashable, Sendable {
  /// The most memory that boot RAM and the full sizes of all devices may add up to.
  public var size: MemorySize?
  /// How many DIMM slots there are; optional since libvirt 9.5.
  public var slots: SlotCount?
  /// Desired, that there be no ceiling; observed, the ceiling that would have to go.
  public var removal: Removal?

  /// Makes a ceiling; one without a size is none.
  public init(size: MemorySize? = nil, slots: SlotCount? = nil) {
    self.size = size
    self.slots = slots
  }
}

/// A number of DIMM slots.
public struct SlotCount: FieldLeaf, ExpressibleByIntegerLiteral {
  /// The most that QEMU takes.
  public static let maximum: UInt64 = 256

  /// The number.
  public let count: UInt64

  /// Makes so many slots.
  public init(_ count: UInt64) {
    self.count = count
  }

  /// Makes so many slots.
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

/// Whether an element that `none` takes away is there, and with which size.
public enum Removal: FieldLeaf {
  /// It is not there, or should not be.
  case absent
  /// It is there.
  case present(MemorySize)

  /// `none` alone.
  public static var kind: FieldKind { .onlyNone }

  /// The size, or `none`.
  public var fieldValue: FieldValue {
    switch self {
    case .absent: .absence
    case .present(let size): .size(size)
    }
  }

  /// Takes a size or `none`.
  public init?(_ value: FieldValue) {
    switch value {
    case .absence: self = .absent
    case .size(let size): self = .present(size)
    default: return nil
    }
  }
}
