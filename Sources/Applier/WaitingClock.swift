// SPDX-License-Identifier: Apache-2.0

/// Measures how long the applier waits, and lets it wait.
///
/// Tests have a clock of their own.
package protocol WaitingClock: Sendable {
  /// The time since a fixed moment. It never goes back.
  var now: Duration { get }
  /// Returns when `duration` has passed.
  func sleep(_ duration: Duration) async
}

/// The system's clock.
package struct RealClock: WaitingClock {
  private let start = ContinuousClock.now

  /// Makes a clock that starts now.
  package init() {}

  /// The time since the clock was made.
  package var now: Duration { start.duration(to: .now) }

  /// Suspends the task for `duration`, or until it is cancelled.
  package func sleep(_ duration: Duration) async {
    try? await Task.sleep(for: duration)
  }
}
