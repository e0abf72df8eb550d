// SPDX-License-Identifier: Apache-2.0

/// The limits on the host memory that a domain uses; `<memtune>`.
///
/// The calls are `virDomainGetMemoryParameters` and `virDomainSetMemoryParameters`.
package struct MemoryTuning: Hashable, Sendable {
  /// The most host memory that the domain, with QEMU itself, may use; `<hard_limit>`.
  package var hardLimit: Limit?
  /// The limit to which the kernel reclaims under pressure; `<soft_limit>`.
  package var softLimit: Limit?
  /// The most memory plus swap (cgroup v1) or swap (cgroup v2); `<swap_hard_limit>`.
  package var swapHardLimit: Limit?
  /// The memory that ESX guarantees to the guest; `<min_guarantee>`.
  package var minGuarantee: Guarantee?

  /// Makes tuning without any value.
  package init() {}
}

/// A limit on memory, or no limit.
package enum Limit: FieldLeaf, Comparable {
  /// At most this much; libvirt also accepts zero as a limit.
  case size(MemorySize)
  /// No limit, which libvirt treats like a missing element.
  case unlimited

  /// Manifests spell a size or `unlimited`.
  package static var kind: FieldKind { .sizeOrUnlimited }

  /// ``FieldValue/size(_:)`` or ``FieldValue/unlimited``.
  package var fieldValue: FieldValue {
    switch self {
    case .size(let size): .size(size)
    case .unlimited: .unlimited
    }
  }

  /// Makes a limit from a size or `unlimited`; nil for any other value.
  package init?(_ value: FieldValue) {
    switch value {
    case .size(let size): self = .size(size)
    case .unlimited: self = .unlimited
    default: return nil
    }
  }
}

/// A guaranteed amount of memory, or `none` to remove the guarantee.
package enum Guarantee: FieldLeaf {
  /// At least this much.
  case size(MemorySize)
  /// `none`: there is no guarantee.
  case absent

  /// Manifests spell a size or `none`.
  package static var kind: FieldKind { .sizeOrNone }

  /// ``FieldValue/size(_:)`` or ``FieldValue/absence``.
  package var fieldValue: FieldValue {
    switch self {
    case .size(let size): .size(size)
    case .absent: .absence
    }
  }

  /// Makes a guarantee from a size or `none`; nil for any other value.
  package init?(_ value: FieldValue) {
    switch value {
    case .size(let size): self = .size(size)
    case .absence: self = .absent
    default: return nil
    }
  }
}
