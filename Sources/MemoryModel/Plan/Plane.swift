// SPDX-License-Identifier: Apache-2.0

/// One of the two definitions that libvirt keeps of a domain.
package enum Plane: String, Hashable, Sendable, CaseIterable {
  /// The definition of the running guest; `VIR_DOMAIN_AFFECT_LIVE`.
  case live
  /// The definition that the next start uses; `VIR_DOMAIN_AFFECT_CONFIG`.
  case persistent
}
