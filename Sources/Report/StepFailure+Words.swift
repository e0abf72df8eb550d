// SPDX-License-Identifier: Apache-2.0

package import MemoryModel

/// The words for failures, and what documents say of the call that failed.
extension StepFailure {
  /// The C function that failed or had no effect; empty where the failure is not a call's.
  package var call: String {
    switch self {
    case .call(let error), .unanswered(let error, _), .busy(.answer(let error), _): error.call
    case .unknownOutcome(let call, _, _), .noEffect(let call), .guestDied(let call, _, _, _),
      .notRecorded(let call, _):
      call
    case .unresponsive(let balloon): balloon.call
    case .recorded(let failure): failure.call
    case .stalled(let device): device.call
    case .busy(.state, _), .changedSincePlanned, .foreignChange, .noUUID, .changedBack, .guarded,
      .unmetNeed, .reserveReached, .hostLocked, .lockUnusable, .interrupted, .tooManyFailures,
      .deadlinePassed:
      ""
    }
  }

  /// The error of libvirt's whose numbers documents tell; nil where the failure is not libvirt's.
  private var numbered: HypervisorError? {
    switch self {
    case .call(let error), .unanswered(let error, _), .busy(.answer(let error), _): error
    case .unknownOutcome(_, let look, let unanswered): unanswered ?? look
    case .guestDied(_, _, _, let answer): answer
    case .busy(.state, _), .noEffect, .unresponsive, .stalled, .changedSincePlanned,
      .foreignChange, .noUUID, .changedBack, .guarded, .unmetNeed, .reserveReached, .notRecorded,
      .hostLocked, .lockUnusable, .interrupted, .tooManyFailures, .deadlinePassed, .recorded:
      nil
    }
  }

  /// libvirt's `virErrorNumber`; 0 where the failure is not libvirt's.
  package var code: Int32 {
    if case .recorded(let failure) = self { failure.code } else { numbered?.code ?? 0 }
  }

  /// libvirt's `virErrorDomain`; 0 where the failure is not libvirt's.
  package var domain: Int32 {
    if case .recorded(let failure) = self { failure.domain } else { numbered?.domain ?? 0 }
  }

  /// What went wrong, for people; libvirt's own words where they are its.
  package var message: String {
    switch self {
    case .call(let error) where error.kind == .denied:
      "\(error.message). \(Rule.accessDenied.remedy)"
    case .call(let error): error.message
    case .unanswered(let error, let duration):
      "libvirt did not answer (\(error.message)). \(duration.words) later the domain was as it was "
        + "before the call. virtmem does not repeat the call."
    case .unknownOutcome(_, let look, let unanswered):
      (unanswered.map { "libvirt did not answer (\($0.message))" } ?? "libvirt accepted the call")
        + ", and virtmem could not read the domain since (\(look.call): \(look.message)). "
        + "The change may have been made: plan again."
    case .busy(let occupation, let duration):
      occupation.words
        + (duration.map { ". virtmem tried for \($0.words), and this step changed nothing." } ?? "")
    case .noEffect:
      "libvirt accepted the call, but the definition does not have the values of the call."
    case .unresponsive(let balloon): balloon.words
    case .stalled(let device): device.words
    case .guestDied(_, let state, let reason, let answer): Self.death(state, reason, answer)
    case .changedSincePlanned(let differences):
      "The domain is not as it was when it was planned\(Self.listed(differences)). Plan again."
    case .foreignChange(let differences):
      "Something else has changed what this step would change\(Self.listed(differences))."
    case .noUUID: "The plan has no UUID of the domain, and virtmem finds a domain by its UUID."
    case .changedBack(let path, let live, let persistent):
      "The step was done, but something else has changed \(path) since: live \(live.words), "
        + "persistent \(persistent.words)."
    case .guarded(let blocker): "\(blocker.summary) (\(blocker.rule)). \(blocker.detail)"
    case .unmetNeed(let step): "The step waits for step \(step), which was not done."
    case .reserveReached(let shortage):
      "\(shortage.sentences) virtmem did not send the step. \(Rule.reserveReached.remedy)"
    case .notRecorded(_, let refusal):
      "virtmem could not record the call, and did not make it: \(refusal.reason)"
    case .hostLocked(let holder): "Another apply is changing this host: \(holder.words)."
    case .lockUnusable(let reason): "virtmem can't use the lock of the host: \(reason)"
    case .interrupted(let interruption): interruption.words
    case .tooManyFailures(let count, let allowed):
      "\(counted(count, "domain")) failed, and --max-failures allows \(allowed)."
    case .deadlinePassed(let limit):
      "The \(limit.words) that --deadline allows from the approval on have passed."
    case .recorded(let failure): failure.message
    }
  }

  private static func death(
    _ state: DomainState?, _ reason: String?, _ answer: HypervisorError?
  ) -> String {
    let state = state.map { "The domain is \($0.rawValue)" } ?? "The domain is gone"
    let why = reason.map { "libvirt's reason is: \($0)" } ?? "libvirt gives no reason"
    let answer = answer.map { " libvirt's answer was: \($0.message)." } ?? ""
    return "\(Rule.guestDied.summary) (\(Rule.guestDied.name)). \(state); \(why)."
      + answer
  }

  private static func listed(_ differences: [DomainDifference]) -> String {
    differences.isEmpty ? "" : ": " + differences.map(\.words).joined(separator: ", ")
  }
}

extension StepFailure.Occupation {
  fileprivate var words: String {
    switch self {
    case .state(let state): "the domain is \(state)"
    case .answer(let error): error.message
    }
  }
}

extension StepFailure.Interruption {
  fileprivate var words: String {
    switch self {
    case .beforeDomain: "The run was interrupted."
    case .beforeStep: "The run was interrupted before this step."
    case .whileBusy: "The run was interrupted while another job held the domain."
    case .whileWaiting(let unanswered):
      "The run was interrupted before the effect of the call showed. The effect may still come."
        + (unanswered.map { " libvirt did not answer the call (\($0.message))." } ?? "")
    }
  }
}

extension UnresponsiveBalloon {
  fileprivate var words: String {
    let standing = "\(held?.description ?? "an unknown figure") for \(duration.words)"
    let happened =
      if let unanswered {
        "libvirt did not answer (\(unanswered.message)), and the guest has stayed at \(standing)."
      } else {
        "libvirt accepted the call, but the guest has stayed at \(standing). The guest has no "
          + "balloon driver, or can't give more memory."
      }
    return "\(happened) \(withdrawn)"
  }

  private var withdrawn: String {
    let target = "the target of \(target?.description ?? "unknown")"
    let danger = "A balloon driver that the guest loads later will follow the target."
    return switch withdrawal {
    case .notTried: "\(target.prefix(1).uppercased())\(target.dropFirst()) is still set. \(danger)"
    case .done: "virtmem has withdrawn \(target): the target is now what the guest holds."
    case .failed(let error):
      "virtmem could not withdraw \(target) (\(error.call): \(error.message)). \(danger)"
    case .notRecorded(let refusal):
      "virtmem did not withdraw \(target), because it could not record the call "
        + "(\(refusal.reason)). \(danger)"
    }
  }
}

extension StalledDevice {
  fileprivate var words: String {
    let happened =
      unanswered.map { "libvirt did not answer (\($0.message)), and " }
      ?? "libvirt accepted the call, but "
    return "\(happened)\(state)."
  }

  private var state: String {
    let device = device ?? "the device"
    return switch request {
    case .plug: "\(device) has not appeared"
    case .unplug:
      "the guest has not released \(device) for \(duration.words). The guest uses the memory, or "
        + "has onlined it as not movable"
    case .resize(let plugged):
      "the guest has stayed at \(plugged?.description ?? "an unknown figure") of \(device) for "
        + "\(duration.words). The guest has no virtio-mem driver, or can't move more. The request "
        + "stays, and the guest may still follow it"
    }
  }
}

extension LockHolder {
  /// Who holds the lock, such as `alice, process 4711, since 2026-11-28T12:00:00Z (note)`.
  package var words: String {
    let parts = [user, processID.map { "process \($0)" }, since.map { "since \($0)" }]
      .compactMap(\.self)
    let holder =
      parts.isEmpty ? "a process that did not say who it is" : parts.joined(separator: ", ")
    return note.map { "\(holder) (\($0))" } ?? holder
  }
}

extension DomainDifference {
  fileprivate var words: String {
    switch self {
    case .state(let planned, let seen): "it was \(planned.rawValue) and is \(seen.rawValue)"
    case .field(let path, let plane, let planned, let seen):
      "\(plane.rawValue) \(path) was \(planned.words) and is \(seen.words)"
    }
  }
}

extension FieldValue? {
  fileprivate var words: String { self?.description ?? "not set" }
}

extension Duration {
  /// The duration in whole seconds.
  fileprivate var words: String { "\(components.seconds) s" }
}
