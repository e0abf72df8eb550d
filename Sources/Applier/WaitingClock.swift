// SPDX-License-Identifier: Apache-2.0

/// What waits are measured with and spent on: the real clock, or one of a test's own.
package protocol WaitingClock: Sendable {
  /// The time since some fixed moment; it never goes back.
  var now: Duration { get }
  /// Lets `duration` pass.
  func sleep(_ duration: Duration) async
}

/// The time that really passes.
package struct RealClock: WaitingClock {
  private let start = ContinuousClock.now

  /// Makes the clock, whose time begins now.
  package init() {}

  /// The time since the clock was made.
  package var now: Duration { start.duration(to: .now) }

  /// Suspends the task for `duration`, or until it is cancelled.
  package func sleep(_ duration: Duration) async {
    try? await Task.sleep(for: duration)
  }
}
