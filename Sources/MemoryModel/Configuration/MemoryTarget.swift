// SPDX-License-Identifier: Apache-2.0

/// What a size that the guest takes part in should be: one figure, or any within two bounds.
///
/// A range leaves the figure to another writer, such as a balloon manager, as long as it stays
/// inside. Observed values are always exact.
package enum MemoryTarget: FieldLeaf {
  /// Just this size.
  case exactly(MemorySize)
  /// Anything between the bounds, both included.
  case within(ClosedRange<MemorySize>)

  /// The size to go to from `size`: the size itself where it is inside, else the nearest bound.
  package func nearest(to size: MemorySize) -> MemorySize {
    switch self {
    case .exactly(let target): target
    case .within(let range): min(max(size, range.lowerBound), range.upperBound)
    }
  }

  /// A size or a range.
  package static var kind: FieldKind { .sizeOrRange }

  /// The size or the range.
  package var fieldValue: FieldValue {
    switch self {
    case .exactly(let size): .size(size)
    case .within(let range): .sizeRange(range)
    }
  }

  /// Takes a size or a range.
  package init?(_ value: FieldValue) {
    switch value {
    case .size(let size): self = .exactly(size)
    case .sizeRange(let range): self = .within(range)
    default: return nil
    }
  }
}
