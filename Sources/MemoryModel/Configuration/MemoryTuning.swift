// SPDX-License-Identifier: Apache-2.0

/// The limits that the host puts on a domain's memory.
///
/// The corresponding libvirt element is `<memtune>`, the calls are `virDomainGetMemoryParameters`
/// and `virDomainSetMemoryParameters`.
package struct MemoryTuning: Hashable, Sendable {
  /// The most host memory the domain may use; `<hard_limit>`.
  package var hardLimit: Limit?
  /// The memory the domain is pushed back to under pressure; `<soft_limit>`.
  package var softLimit: Limit?
  /// The most memory plus swap (cgroup v1) or swap (cgroup v2); `<swap_hard_limit>`.
  package var swapHardLimit: Limit?
  /// The memory that is guaranteed to the guest, on ESX alone; `<min_guarantee>`.
  package var minGuarantee: Guarantee?

  /// Makes tuning with no value at all.
  package init() {}
}

/// A limit: so much memory, or none at all.
package enum Limit: FieldLeaf, Comparable {
  /// At most so much. Zero is a limit of zero, as libvirt has it.
  case size(MemorySize)
  /// No limit; to libvirt the same as no element.
  case unlimited

  /// A size or `unlimited`.
  package static var kind: FieldKind { .sizeOrUnlimited }

  /// The size or `unlimited`.
  package var fieldValue: FieldValue {
    switch self {
    case .size(let size): .size(size)
    case .unlimited: .unlimited
    }
  }

  /// Takes a size or `unlimited`.
  package init?(_ value: FieldValue) {
    switch value {
    case .size(let size): self = .size(size)
    case .unlimited: self = .unlimited
    default: return nil
    }
  }
}

/// A guarantee: so much memory, or the word that takes it away.
package enum Guarantee: FieldLeaf {
  /// At least so much.
  case size(MemorySize)
  /// `none`: no guarantee.
  case absent

  /// A size or `none`.
  package static var kind: FieldKind { .sizeOrNone }

  /// The size or `none`.
  package var fieldValue: FieldValue {
    switch self {
    case .size(let size): .size(size)
    case .absent: .absence
    }
  }

  /// Takes a size or `none`.
  package init?(_ value: FieldValue) {
    switch value {
    case .size(let size): self = .size(size)
    case .absence: self = .absent
    default: return nil
    }
  }
}
