// SPDX-License-Identifier: Apache-2.0

/// How much a step disturbs the running guest.
package enum Disruption: String, Hashable, Comparable, Sendable, CaseIterable {
  /// The guest notices nothing.
  case none
  /// The guest keeps running but may notice: memory moves or becomes scarcer.
  case live
  /// The guest is powered off and started again.
  case restart

  /// Orders disruptions from weak to strong.
  package static func < (left: Disruption, right: Disruption) -> Bool {
    left.strength < right.strength
  }

  private var strength: Int {
    switch self {
    case .none: 0
    case .live: 1
    case .restart: 2
    }
  }
}

/// Whether virtmem may take memory from a running guest.
package enum ShrinkPolicy: String, Hashable, Sendable, CaseIterable {
  /// Only down to what the guest, or QEMU for `hardLimit`, holds plus a tenth.
  case guarded
  /// Down to the desired value.
  case allow
  /// Never, as long as the guest runs.
  case never
}

/// The limits on what a plan may do to a domain.
package struct Policy: Hashable, Sendable {
  /// How to power off and start a domain, where ``Policy/disruption`` allows a restart.
  package struct Restart: Hashable, Sendable {
    /// How many seconds the guest has to power off.
    package var timeoutSeconds: UInt64 = 600
    /// Whether to destroy a guest that does not power off in time.
    package var force = false

    /// Makes the default: ten minutes, and no `force`.
    package init() {}
  }

  /// The strongest disruption of the running guest that a step may cause.
  package var disruption = Disruption.live
  /// Whether virtmem may take memory from the running guest.
  package var shrink = ShrinkPolicy.guarded
  /// How to restart the domain.
  package var restart = Restart()

  /// Makes the default: live changes allowed, taking memory guarded.
  package init() {}
}
