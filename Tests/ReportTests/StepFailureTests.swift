// SPDX-License-Identifier: Apache-2.0

import MemoryModel
import Report
import TestSupport
import Testing

/// The words for failures, each with its rule and the call that documents tell.
@Suite struct StepFailureTests {
  private static let set = "virDomainSetMemoryFlags"
  private static let silence = HypervisorError(
    .deadline, call: set, code: 38, domain: 7, message: "no answer")
  private static let broken = HypervisorError(
    .connection, call: "virConnectOpenAuth", code: 39, domain: 8, message: "refused")
  private static let busy = HypervisorError(
    .busy, call: set, code: 55, domain: 10, message: "a job holds it")

  private static func balloon(
    unanswered: HypervisorError? = nil, _ withdrawal: UnresponsiveBalloon.Withdrawal
  ) -> StepFailure {
    .unresponsive(
      UnresponsiveBalloon(
        call: set, target: .size(.gibibytes(6)), held: .size(.gibibytes(8)),
        duration: .seconds(60), unanswered: unanswered, withdrawal: withdrawal))
  }

  private static func device(
    _ request: StalledDevice.Request, unanswered: HypervisorError? = nil
  ) -> StepFailure {
    .stalled(
      StalledDevice(
        call: "c", device: "stick0", request: request, duration: .seconds(60),
        unanswered: unanswered))
  }

  static let calls: [(StepFailure, rule: String, call: String, code: Int32, message: String)] = [
    (.call(silence), "no-answer", set, 38, "no answer"),
    (.call(broken), "connection-lost", "virConnectOpenAuth", 39, "refused"),
    (
      .unanswered(silence, .seconds(10)), "no-answer", set, 38,
      "no answer; the domain is as it was before, 10 s later. It is not tried again."
    ),
    (
      .unknownOutcome(call: set, look: broken, unanswered: silence), "outcome-unknown", set, 38,
      "no answer, and the domain could not be looked at since (virConnectOpenAuth: refused): "
        + "whether it took effect is unknown"
    ),
    (
      .unknownOutcome(call: set, look: broken, unanswered: nil), "outcome-unknown", set, 39,
      "libvirt accepted the call, and the domain could not be looked at since "
        + "(virConnectOpenAuth: refused): whether it took effect is unknown"
    ),
    (
      .busy(.answer(busy), triedFor: .seconds(60)), "domain-busy", set, 55,
      "a job holds it; tried for 60 s, and this step changed nothing"
    ),
    (
      .busy(.state("being shut down"), triedFor: nil), "domain-busy", "", 0,
      "the domain is being shut down"
    ),
    (
      .noEffect(call: "c"), "no-effect", "c", 0,
      "libvirt accepted the call, and the definition is not what it asked for."
    ),
    (
      .guestDied(call: set, state: .shutOff, reason: "crashed", answer: silence), "guest-died",
      set, 38,
      "the guest stopped running while its plan was applied (guest-died). The domain is shut off; "
        + "libvirt's reason is: crashed. libvirt's answer was: no answer."
    ),
    (
      .guestDied(call: set, state: nil, reason: nil, answer: nil), "guest-died", set, 0,
      "the guest stopped running while its plan was applied (guest-died). The domain is gone; "
        + "libvirt gives no reason."
    ),
    (
      .notRecorded(call: "c", RecordingRefusal(reason: "the disk is full")), "not-recorded", "c",
      0, "The call could not be recorded, and was not made: the disk is full"
    ),
  ]

  static let guests: [(StepFailure, message: String)] = [
    (
      balloon(.done),
      "libvirt accepted the call, and the guest did not follow: it has stood at 8 GiB for 60 s. It "
        + "is a guest without a balloon driver, or one that can't give more. The target of 6 GiB "
        + "was withdrawn: it is what the guest holds now."
    ),
    (
      balloon(unanswered: silence, .notTried),
      "no answer came (no answer), and the guest has stood at 8 GiB for 60 s. The target of 6 GiB "
        + "is still set."
    ),
    (
      device(.unplug),
      "libvirt accepted the call, and the guest has not let stick0 go for 60 s: it uses the "
        + "memory, or has onlined it as not movable."
    ),
    (
      device(.plug, unanswered: silence),
      "no answer came (no answer), and stick0 has not come."
    ),
    (
      device(.resize(plugged: .size(.gibibytes(1)))),
      "libvirt accepted the call, and the guest has stood at 1 GiB of stick0 for 60 s: it is a "
        + "guest without a virtio-mem driver, or one that can't move more. What was asked for "
        + "stands, and the guest may still do it."
    ),
  ]

  static let others: [(StepFailure, rule: String, message: String)] = [
    (
      .changedSincePlanned([]), "foreign-change",
      "The domain is not as it was when it was planned. Plan anew."
    ),
    (
      .changedSincePlanned([
        .state(planned: .running, seen: .paused),
        .field(.hardLimit, .persistent, planned: nil, seen: .size(.gibibytes(1))),
      ]), "foreign-change",
      "The domain is not as it was when it was planned: it was running and is paused, persistent "
        + "memtune.hardLimit was not set and is 1 GiB. Plan anew."
    ),
    (.foreignChange, "foreign-change", "Somebody else changed what this step would change."),
    (
      .changedBack(.currentMemory, live: .size(.gibibytes(9)), persistent: nil), "foreign-change",
      "currentMemory was changed and is not as asked any more: live 9 GiB, persistent not set."
    ),
    (
      .guarded(Blocker(rule: "shrink-never", summary: "no", detail: "Why.", remedy: "r")),
      "shrink-never", "no (shrink-never). Why."
    ),
    (.unmetNeed("hv01/a/1"), "need-not-met", "It needs hv01/a/1, which was not done."),
    (.noUUID, "no-uuid", "It has no UUID."),
    (.interrupted(.beforeDomain), "interrupted", "The run was interrupted."),
    (.interrupted(.beforeStep), "interrupted", "The run was interrupted before it."),
    (
      .interrupted(.whileBusy), "interrupted",
      "The run was interrupted while another job held the domain."
    ),
    (
      .interrupted(.whileWaiting(unanswered: silence)), "interrupted",
      "The run was interrupted before the effect showed; it may still come. The call had no answer "
        + "(no answer)."
    ),
  ]

  @Test("what failed with a call names it", arguments: calls.indices)
  func withCall(index: Int) {
    let (failure, rule, call, code, message) = Self.calls[index]
    #expect(failure.rule.name == rule && failure.call == call && failure.code == code)
    #expect(failure.message == message)
  }

  @Test("what a guest did not do is told with its figures", arguments: guests.indices)
  func ofGuest(index: Int) {
    let (failure, message) = Self.guests[index]
    #expect(failure.rule == .guestDidNotFollow && failure.message == message)
  }

  @Test("what has no call says why alone", arguments: others.indices)
  func withoutCall(index: Int) {
    let (failure, rule, message) = Self.others[index]
    #expect(failure.rule.name == rule && failure.message == message)
    #expect(failure.call.isEmpty && failure.code == 0 && failure.domain == 0)
  }

  @Test("a target that stays is said, with the reason")
  func withdrawal() {
    let failed = Self.balloon(.failed(Self.busy)).message
    #expect(
      failed.hasSuffix(
        "The target of 6 GiB could not be withdrawn (\(Self.set): a job holds it): a driver that "
          + "is loaded later, or a reset, comes upon it."))
    let refused = Self.balloon(.notRecorded(RecordingRefusal(reason: "no space"))).message
    #expect(
      refused.hasSuffix(
        "The target of 6 GiB was not withdrawn, because that could not be recorded (no space): a "
          + "driver that is loaded later, or a reset, comes upon it."))
  }
}
