// SPDX-License-Identifier: Apache-2.0

import Applier
import Synchronization

/// A clock that moves only while a test sleeps on it, so that tests do not depend on real time.
package final class TestClock: WaitingClock {
  private let passed = Mutex(Duration.zero)

  /// Makes a clock at zero.
  package init() {}

  /// The time that has passed in sleeps.
  package var now: Duration { passed.withLock(\.self) }

  /// Moves the clock forward by `duration`.
  package func sleep(_ duration: Duration) async {
    passed.withLock { $0 += duration }
  }
}
