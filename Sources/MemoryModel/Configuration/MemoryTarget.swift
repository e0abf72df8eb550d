// SPDX-License-Identifier: Apache-2.0

/// The desired size for memory that the guest must plug or give back: one size, or a range.
///
/// Within a range another program, such as a balloon manager, may choose the size; virtmem does not
/// change it. Observed values are always exact.
package enum MemoryTarget: FieldLeaf {
  /// Exactly this size.
  case exactly(MemorySize)
  /// Any size from the lower bound to the upper bound, both included.
  case within(ClosedRange<MemorySize>)

  /// The size within the target that is nearest to `size`.
  package func nearest(to size: MemorySize) -> MemorySize {
    switch self {
    case .exactly(let target): target
    case .within(let range): min(max(size, range.lowerBound), range.upperBound)
    }
  }

  /// Manifests spell a size or a range.
  package static var kind: FieldKind { .sizeOrRange }

  /// ``FieldValue/size(_:)`` or ``FieldValue/sizeRange(_:)``.
  package var fieldValue: FieldValue {
    switch self {
    case .exactly(let size): .size(size)
    case .within(let range): .sizeRange(range)
    }
  }

  /// Makes a target from a size or a range; nil for any other value.
  package init?(_ value: FieldValue) {
    switch value {
    case .size(let size): self = .exactly(size)
    case .sizeRange(let range): self = .within(range)
    default: return nil
    }
  }
}
