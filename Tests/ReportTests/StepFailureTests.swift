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
      "libvirt did not answer (no answer). 10 s later the domain was as it was before the call. "
        + "virtmem does not repeat the call."
    ),
    (
      .unknownOutcome(call: set, look: broken, unanswered: silence), "outcome-unknown", set, 38,
      "libvirt did not answer (no answer), and virtmem could not read the domain since "
        + "(virConnectOpenAuth: refused). The change may have been made: plan again."
    ),
    (
      .unknownOutcome(call: set, look: broken, unanswered: nil), "outcome-unknown", set, 39,
      "libvirt accepted the call, and virtmem could not read the domain since "
        + "(virConnectOpenAuth: refused). The change may have been made: plan again."
    ),
    (
      .busy(.answer(busy), triedFor: .seconds(60)), "domain-busy", set, 55,
      "a job holds it. virtmem tried for 60 s, and this step changed nothing."
    ),
    (
      .busy(.state("being shut down"), triedFor: nil), "domain-busy", "", 0,
      "the domain is being shut down"
    ),
    (
      .noEffect(call: "c"), "no-effect", "c", 0,
      "libvirt accepted the call, but the definition does not have the values of the call."
    ),
    (
      .guestDied(call: set, state: .shutOff, reason: "crashed", answer: silence), "guest-died",
      set, 38,
      "the guest stopped running while virtmem applied its plan (guest-died). The domain is shut off; "
        + "libvirt's reason is: crashed. libvirt's answer was: no answer."
    ),
    (
      .guestDied(call: set, state: nil, reason: nil, answer: nil), "guest-died", set, 0,
      "the guest stopped running while virtmem applied its plan (guest-died). The domain is gone; "
        + "libvirt gives no reason."
    ),
    (
      .notRecorded(call: "c", RecordingRefusal(reason: "the disk is full")), "not-recorded", "c",
      0, "virtmem could not record the call, and did not make it: the disk is full"
    ),
  ]

  static let guests: [(StepFailure, message: String)] = [
    (
      balloon(.done),
      "libvirt accepted the call, but the guest has stayed at 8 GiB for 60 s. The guest has no "
        + "balloon driver, or can't give more memory. virtmem has withdrawn the target of 6 GiB: "
        + "the target is now what the guest holds."
    ),
    (
      balloon(unanswered: silence, .notTried),
      "libvirt did not answer (no answer), and the guest has stayed at 8 GiB for 60 s. The target "
        + "of 6 GiB is still set. A balloon driver that the guest loads later will follow the "
        + "target."
    ),
    (
      device(.unplug),
      "libvirt accepted the call, but the guest has not released stick0 for 60 s. The guest uses "
        + "the memory, or has onlined it as not movable."
    ),
    (
      device(.plug, unanswered: silence),
      "libvirt did not answer (no answer), and stick0 has not appeared."
    ),
    (
      device(.resize(plugged: .size(.gibibytes(1)))),
      "libvirt accepted the call, but the guest has stayed at 1 GiB of stick0 for 60 s. The guest "
        + "has no virtio-mem driver, or can't move more. The request stays, and the guest may "
        + "still follow it."
    ),
  ]

  static let others: [(StepFailure, rule: String, message: String)] = [
    (
      .changedSincePlanned([]), "foreign-change",
      "The domain is not as it was when it was planned. Plan again."
    ),
    (
      .changedSincePlanned([
        .state(planned: .running, seen: .paused),
        .field(.hardLimit, .persistent, planned: nil, seen: .size(.gibibytes(1))),
      ]), "foreign-change",
      "The domain is not as it was when it was planned: it was running and is paused, persistent "
        + "memtune.hardLimit was not set and is 1 GiB. Plan again."
    ),
    (
      .foreignChange([]), "foreign-change",
      "Something else has changed what this step would change."
    ),
    (
      .foreignChange([
        .field(.hardLimit, .live, planned: .unlimited, seen: .size(.gibibytes(1)))
      ]), "foreign-change",
      "Something else has changed what this step would change: live memtune.hardLimit was "
        + "unlimited and is 1 GiB."
    ),
    (
      .changedBack(.currentMemory, live: .size(.gibibytes(9)), persistent: nil), "foreign-change",
      "The step was done, but something else has changed currentMemory since: live 9 GiB, "
        + "persistent not set."
    ),
    (
      .guarded(Blocker(rule: "shrink-never", summary: "no", detail: "Why.", remedy: "r")),
      "shrink-never", "no (shrink-never). Why."
    ),
    (
      .unmetNeed("hv01/a/1"), "need-not-met",
      "The step waits for step hv01/a/1, which was not done."
    ),
    (
      .noUUID, "no-uuid",
      "The plan has no UUID of the domain, and virtmem finds a domain by its UUID."
    ),
    (.interrupted(.beforeDomain), "interrupted", "The run was interrupted."),
    (.interrupted(.beforeStep), "interrupted", "The run was interrupted before this step."),
    (
      .interrupted(.whileBusy), "interrupted",
      "The run was interrupted while another job held the domain."
    ),
    (
      .interrupted(.whileWaiting(unanswered: silence)), "interrupted",
      "The run was interrupted before the effect of the call showed. The effect may still come. "
        + "libvirt did not answer the call (no answer)."
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
    let danger = "A balloon driver that the guest loads later will follow the target."
    let failed = Self.balloon(.failed(Self.busy)).message
    #expect(
      failed.hasSuffix(
        "virtmem could not withdraw the target of 6 GiB (\(Self.set): a job holds it). \(danger)"))
    let refused = Self.balloon(.notRecorded(RecordingRefusal(reason: "no space"))).message
    #expect(
      refused.hasSuffix(
        "virtmem did not withdraw the target of 6 GiB, because it could not record the call "
          + "(no space). \(danger)"))
  }
}
