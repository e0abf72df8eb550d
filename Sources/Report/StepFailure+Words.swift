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
      .unmetNeed, .hostLocked, .lockUnusable, .interrupted:
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
      .foreignChange, .noUUID, .changedBack, .guarded, .unmetNeed, .notRecorded, .hostLocked,
      .lockUnusable, .interrupted, .recorded:
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
      "\(error.message); the domain is as it was before, \(duration.words) later. "
        + "It is not tried again."
    case .unknownOutcome(_, let look, let unanswered):
      "\(unanswered?.message ?? "libvirt accepted the call"), and the domain could not be looked "
        + "at since (\(look.call): \(look.message)): whether it took effect is unknown"
    case .busy(let occupation, let duration):
      occupation.words
        + (duration.map { "; tried for \($0.words), and this step changed nothing" } ?? "")
    case .noEffect: "libvirt accepted the call, and the definition is not what it asked for."
    case .unresponsive(let balloon): balloon.words
    case .stalled(let device): device.words
    case .guestDied(_, let state, let reason, let answer): Self.death(state, reason, answer)
    case .changedSincePlanned(let differences):
      "The domain is not as it was when it was planned\(Self.listed(differences)). Plan anew."
    case .foreignChange: "Somebody else changed what this step would change."
    case .noUUID: "It has no UUID."
    case .changedBack(let path, let live, let persistent):
      "\(path) was changed and is not as asked any more: live \(live.words), persistent "
        + "\(persistent.words)."
    case .guarded(let blocker): "\(blocker.summary) (\(blocker.rule)). \(blocker.detail)"
    case .unmetNeed(let step): "It needs \(step), which was not done."
    case .notRecorded(_, let refusal):
      "The call could not be recorded, and was not made: \(refusal.reason)"
    case .hostLocked(let holder): "Another apply is changing this host: \(holder.words)."
    case .lockUnusable(let reason): "The host's lock can't be used: \(reason)"
    case .interrupted(let interruption): interruption.words
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
    case .beforeStep: "The run was interrupted before it."
    case .whileBusy: "The run was interrupted while another job held the domain."
    case .whileWaiting(let unanswered):
      "The run was interrupted before the effect showed; it may still come."
        + (unanswered.map { " The call had no answer (\($0.message))." } ?? "")
    }
  }
}

extension UnresponsiveBalloon {
  fileprivate var words: String {
    let standing = "\(held?.description ?? "an unknown figure") for \(duration.words)"
    let happened =
      if let unanswered {
        "no answer came (\(unanswered.message)), and the guest has stood at \(standing)."
      } else {
        "libvirt accepted the call, and the guest did not follow: it has stood at \(standing). It "
          + "is a guest without a balloon driver, or one that can't give more."
      }
    return "\(happened) \(withdrawn)"
  }

  private var withdrawn: String {
    let target = "The target of \(target?.description ?? "unknown")"
    let danger = "a driver that is loaded later, or a reset, comes upon it."
    return switch withdrawal {
    case .notTried: "\(target) is still set."
    case .done: "\(target) was withdrawn: it is what the guest holds now."
    case .failed(let error):
      "\(target) could not be withdrawn (\(error.call): \(error.message)): \(danger)"
    case .notRecorded(let refusal):
      "\(target) was not withdrawn, because that could not be recorded (\(refusal.reason)): "
        + danger
    }
  }
}

extension StalledDevice {
  fileprivate var words: String {
    let happened =
      unanswered.map { "no answer came (\($0.message))" } ?? "libvirt accepted the call"
    return "\(happened), and \(state)."
  }

  private var state: String {
    let device = device ?? "the device"
    return switch request {
    case .plug: "\(device) has not come"
    case .unplug:
      "the guest has not let \(device) go for \(duration.words): it uses the memory, or has "
        + "onlined it as not movable"
    case .resize(let plugged):
      "the guest has stood at \(plugged?.description ?? "an unknown figure") of \(device) for "
        + "\(duration.words): it is a guest without a virtio-mem driver, or one that can't move "
        + "more. What was asked for stands, and the guest may still do it"
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
