// SPDX-License-Identifier: Apache-2.0

import LibvirtModel
import MemoryModel
import Report
import Testing

/// What the words for failures share with the catalogue of constraints.
@Suite struct FailureTests {
  @Test("a guest that died is told in the catalogue's words")
  func guestDied() {
    let failure = StepFailure.guestDied(call: "", state: nil, reason: nil, answer: nil)
    #expect(failure.rule == .guestDied)
    #expect(failure.message.hasPrefix("\(Rule.guestDied.summary) (guest-died). "))
  }
}
