// SPDX-License-Identifier: Apache-2.0

/// What a step does to the guest that runs.
package enum Disruption: String, Hashable, Comparable, Sendable, CaseIterable {
  /// The guest notices nothing.
  case none
  /// The guest goes on and feels it: its memory moves, or becomes scarcer.
  case live
  /// The guest is powered off and started again.
  case restart

  /// The weaker effect first.
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

/// Whether memory may be taken from a running guest.
package enum ShrinkPolicy: String, Hashable, Sendable, CaseIterable {
  /// Never below what the guest, or QEMU, holds plus a tenth.
  case guarded
  /// As asked.
  case allow
  /// Not at all.
  case never
}

/// What a plan may do to a domain.
package struct Policy: Hashable, Sendable {
  /// How a domain is powered off and started again, where ``Policy/disruption`` allows it.
  package struct Restart: Hashable, Sendable {
    /// How long the guest may take to power off, in seconds.
    package var timeoutSeconds: UInt64 = 600
    /// Whether a guest that does not power off in that time is destroyed.
    package var force = false

    /// Makes the default: ten minutes, no force.
    package init() {}
  }

  /// The strongest effect that a plan may have.
  package var disruption = Disruption.live
  /// Whether memory may be taken from the running guest.
  package var shrink = ShrinkPolicy.guarded
  /// How a restart goes.
  package var restart = Restart()

  /// Makes the default: live changes, shrinking guarded.
  package init() {}
}
