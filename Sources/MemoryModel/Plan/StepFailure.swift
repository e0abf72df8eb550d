// SPDX-License-Identifier: Apache-2.0

/// Why a step failed, why it was not begun, or why its domain was left.
///
/// A failure holds names and figures. Report has the words for it, and documents have both.
package enum StepFailure: Error, Hashable, Sendable {
  /// A call of libvirt failed, or a look at the domain did.
  case call(HypervisorError)
  /// libvirt did not answer the call, and the domain stayed as it was for so long afterwards.
  case unanswered(HypervisorError, Duration)
  /// The call was sent, and every look at the domain since failed with `look`.
  case unknownOutcome(call: String, look: HypervisorError, unanswered: HypervisorError?)
  /// Another job held the domain for as long as the step was tried; nil is one try.
  case busy(Occupation, triedFor: Duration?)
  /// libvirt accepted the call, and the definition is not what the call asked for.
  case noEffect(call: String)
  /// The guest did not move its balloon to the target.
  case unresponsive(UnresponsiveBalloon)
  /// The guest did not plug, unplug or resize a memory device.
  case stalled(StalledDevice)
  /// The guest does not run any more; a nil `state` is a domain that is gone.
  case guestDied(call: String, state: DomainState?, reason: String?, answer: HypervisorError?)
  /// The domain is not as the plan's basis has it.
  case changedSincePlanned([DomainDifference])
  /// The fields that the step writes are neither as the plan saw them nor as the step leaves them.
  case foreignChange
  /// The plan does not have the domain's UUID.
  case noUUID
  /// A field that was changed is not as it was asked for when the run ends.
  case changedBack(FieldPath, live: FieldValue?, persistent: FieldValue?)
  /// The shrink policy does not let the step be performed any more.
  case guarded(Blocker)
  /// A step that this one needs was not done.
  case unmetNeed(String)
  /// The recorder could not record the call, so the call was not made.
  case notRecorded(call: String, RecordingRefusal)
  /// The run was interrupted.
  case interrupted(Interruption)

  /// What keeps a domain from being changed for a moment.
  package enum Occupation: Hashable, Sendable {
    /// A state or a job that was seen, in words that follow "the domain is".
    case state(String)
    /// The answer of libvirt to the call.
    case answer(HypervisorError)
  }

  /// Where the run was when it was interrupted.
  package enum Interruption: Hashable, Sendable {
    /// Before the domain's first step.
    case beforeDomain
    /// Before the step.
    case beforeStep
    /// While another job held the domain.
    case whileBusy
    /// While the effect of a call was waited for, which libvirt may not have answered.
    case whileWaiting(unanswered: HypervisorError?)
  }

  /// The rule by which the step failed.
  package var rule: Rule {
    switch self {
    case .call(let error): error.kind.rule
    case .unanswered: .noAnswer
    case .unknownOutcome: .outcomeUnknown
    case .busy: .domainBusy
    case .noEffect: .noEffect
    case .unresponsive, .stalled: .guestDidNotFollow
    case .guestDied: .guestDied
    case .changedSincePlanned, .foreignChange, .changedBack: .foreignChange
    case .noUUID: .noUUID
    case .guarded(let blocker): blocker.rule
    case .unmetNeed: .needNotMet
    case .notRecorded: .notRecorded
    case .interrupted: .interrupted
    }
  }
}

/// A balloon that did not move to its target.
package struct UnresponsiveBalloon: Hashable, Sendable {
  /// What became of the target, which the guest could still act upon later.
  package enum Withdrawal: Hashable, Sendable {
    /// What the guest holds is unknown, so nothing was called.
    case notTried
    /// What the guest holds is the target now.
    case done
    /// libvirt did not take the target back.
    case failed(HypervisorError)
    /// The recorder refused the call that takes the target back.
    case notRecorded(RecordingRefusal)
  }

  /// The call that asked for the target.
  package var call: String
  /// The target; nil where it is unknown.
  package var target: FieldValue?
  /// What the guest holds; nil where it is unknown.
  package var held: FieldValue?
  /// How long the guest has held that.
  package var duration: Duration
  /// Why libvirt did not answer the call; nil where libvirt accepted it.
  package var unanswered: HypervisorError?
  /// What became of the target.
  package var withdrawal: Withdrawal

  /// Makes the failure of a balloon whose target was not withdrawn.
  package init(
    call: String, target: FieldValue?, held: FieldValue?, duration: Duration,
    unanswered: HypervisorError? = nil, withdrawal: Withdrawal = .notTried
  ) {
    self.call = call
    self.target = target
    self.held = held
    self.duration = duration
    self.unanswered = unanswered
    self.withdrawal = withdrawal
  }
}

/// A memory device that the guest did not plug, unplug or resize.
package struct StalledDevice: Hashable, Sendable {
  /// What did not happen.
  package enum Request: Hashable, Sendable {
    /// The device is not there.
    case plug
    /// The device has not gone.
    case unplug
    /// The guest has plugged so much of the device, and does not move; nil is an unknown amount.
    case resize(plugged: FieldValue?)
  }

  /// The call that asked for it; empty where the step only waited.
  package var call: String
  /// The device's name; nil where it is unknown.
  package var device: String?
  /// What did not happen.
  package var request: Request
  /// How long nothing moved.
  package var duration: Duration
  /// Why libvirt did not answer the call; nil where libvirt accepted it.
  package var unanswered: HypervisorError?

  /// Makes the failure of a device.
  package init(
    call: String, device: String?, request: Request, duration: Duration,
    unanswered: HypervisorError? = nil
  ) {
    self.call = call
    self.device = device
    self.request = request
    self.duration = duration
    self.unanswered = unanswered
  }
}

/// What of a domain is not as a plan saw it.
package enum DomainDifference: Hashable, Sendable {
  /// What the domain does.
  case state(planned: DomainState, seen: DomainState)
  /// A field of one definition; nil is a field that is not there.
  case field(FieldPath, Plane, planned: FieldValue?, seen: FieldValue?)
}

/// Why a recorder could not record a call before it is made.
package struct RecordingRefusal: Error, Hashable, Sendable {
  /// The reason, in words that follow a colon.
  package var reason: String

  /// Makes a refusal.
  package init(reason: String) {
    self.reason = reason
  }
}

extension HypervisorError.Kind {
  /// The name of the rule by which a step fails whose call failed so.
  fileprivate var rule: Rule {
    switch self {
    case .refused: .callRefused
    case .deadline: .noAnswer
    case .connection: .connectionLost
    case .busy: .domainBusy
    case .noDomain: .domainGone
    case .unsupported: .callUnsupported
    }
  }
}
