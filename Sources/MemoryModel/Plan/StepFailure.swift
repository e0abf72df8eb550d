// SPDX-License-Identifier: Apache-2.0

/// Why a step failed or was not begun, or why virtmem left its domain unchanged.
///
/// A failure has names and numbers. The module Report writes the text, and documents have both.
package enum StepFailure: Error, Hashable, Sendable {
  /// A libvirt call failed, or virtmem could not observe the domain.
  case call(HypervisorError)
  /// libvirt did not answer the call, and the domain did not change for this time afterwards.
  case unanswered(HypervisorError, Duration)
  /// virtmem made the call and then could not observe the domain because of `look`.
  case unknownOutcome(call: String, look: HypervisorError, unanswered: HypervisorError?)
  /// Another job held the domain as long as virtmem tried the step; nil means that it tried once.
  case busy(Occupation, triedFor: Duration?)
  /// libvirt accepted the call, but the definition does not have its values.
  case noEffect(call: String)
  /// The guest did not move its balloon to the target.
  case unresponsive(UnresponsiveBalloon)
  /// The guest did not plug, unplug or resize a memory device.
  case stalled(StalledDevice)
  /// The guest no longer runs; a nil `state` means that libvirt no longer has the domain.
  case guestDied(call: String, state: DomainState?, reason: String?, answer: HypervisorError?)
  /// The domain differs from the one that the plan was made for.
  case changedSincePlanned([DomainDifference])
  /// The step's fields have neither the values before the step nor those after it.
  case foreignChange([DomainDifference])
  /// The plan does not have the domain's UUID.
  case noUUID
  /// At the end of the run, a field that a step changed no longer has its new value.
  case changedBack(FieldPath, live: FieldValue?, persistent: FieldValue?)
  /// The shrink policy no longer allows the step.
  case guarded(Blocker)
  /// A step that this one needs was not done.
  case unmetNeed(String)
  /// The host has too little of what the step takes, by figures read right before the step.
  case reserveReached(HostShortage)
  /// The recorder could not record the call, so the call was not made.
  case notRecorded(call: String, RecordingRefusal)
  /// Another apply holds the lock of the host.
  case hostLocked(LockHolder)
  /// virtmem could not use the host's lock for this reason.
  case lockUnusable(String)
  /// The run was interrupted.
  case interrupted(Interruption)
  /// So many domains of the run had failed, more than the user allowed.
  case tooManyFailures(Int, allowed: Int)
  /// The time had passed after which the run was to begin no step.
  case deadlinePassed(Duration)
  /// The failure comes from the document of an earlier apply.
  case recorded(RecordedFailure)

  /// What prevents changes of the domain at the moment.
  package enum Occupation: Hashable, Sendable {
    /// A state or a job that virtmem observed, in words that follow "the domain is".
    case state(String)
    /// libvirt's answer to the call.
    case answer(HypervisorError)
  }

  /// The moment at which the run was interrupted.
  package enum Interruption: Hashable, Sendable {
    /// Before the domain's first step.
    case beforeDomain
    /// Before the step.
    case beforeStep
    /// While another job held the domain.
    case whileBusy
    /// While virtmem waited for the effect of a call; libvirt may not have answered it.
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
    case .reserveReached: .reserveReached
    case .notRecorded: .notRecorded
    case .hostLocked: .hostLocked
    case .lockUnusable: .lockUnusable
    case .interrupted: .interrupted
    case .tooManyFailures: .maxFailuresReached
    case .deadlinePassed: .deadlinePassed
    case .recorded(let failure): failure.rule
    }
  }
}

/// A failure as the document of an apply has it.
package struct RecordedFailure: Hashable, Sendable {
  /// The rule by which the step failed.
  package var rule: Rule
  /// The C function that failed; empty if none did.
  package var call: String
  /// The `virErrorNumber`; 0 for a failure that libvirt did not report.
  package var code: Int32
  /// The `virErrorDomain`; 0 for a failure that libvirt did not report.
  package var domain: Int32
  /// What went wrong, for people.
  package var message: String

  /// Makes a failure.
  package init(rule: Rule, call: String, code: Int32, domain: Int32, message: String) {
    self.rule = rule
    self.call = call
    self.code = code
    self.domain = domain
    self.message = message
  }
}

/// A balloon that did not reach its target.
package struct UnresponsiveBalloon: Hashable, Sendable {
  /// Whether virtmem withdrew the target, which the guest could still follow later.
  package enum Withdrawal: Hashable, Sendable {
    /// virtmem made no call, because it does not know the guest's memory.
    case notTried
    /// virtmem set the target back to the guest's memory.
    case done
    /// The call that withdraws the target failed.
    case failed(HypervisorError)
    /// The recorder could not record the call that withdraws the target.
    case notRecorded(RecordingRefusal)
  }

  /// The call that asked for the target.
  package var call: String
  /// The target; nil if it is unknown.
  package var target: FieldValue?
  /// The memory that the guest has; nil if it is unknown.
  package var held: FieldValue?
  /// How long the guest's memory has not changed.
  package var duration: Duration
  /// Why libvirt did not answer the call; nil if libvirt accepted it.
  package var unanswered: HypervisorError?
  /// Whether virtmem withdrew the target.
  package var withdrawal: Withdrawal

  /// Makes the failure of a balloon that did not reach its target.
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
  /// The request that the guest did not follow.
  package enum Request: Hashable, Sendable {
    /// The guest did not plug the device.
    case plug
    /// The guest did not release the device.
    case unplug
    /// The guest stopped at this plugged amount; nil if the amount is unknown.
    case resize(plugged: FieldValue?)
  }

  /// The call that made the request; empty if the step only waited.
  package var call: String
  /// The device's name; nil if it is unknown.
  package var device: String?
  /// The request that the guest did not follow.
  package var request: Request
  /// How long nothing has changed.
  package var duration: Duration
  /// Why libvirt did not answer the call; nil if libvirt accepted it.
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

/// A difference between a domain and the same domain at the time of the plan.
package enum DomainDifference: Hashable, Sendable {
  /// The domain is in another state.
  case state(planned: DomainState, seen: DomainState)
  /// A field of one definition has another value; nil means that it has none.
  case field(FieldPath, Plane, planned: FieldValue?, seen: FieldValue?)
}

/// Why the recorder could not record a call that virtmem was about to make.
package struct RecordingRefusal: Error, Hashable, Sendable {
  /// The reason, in words that follow a colon.
  package var reason: String

  /// Makes a refusal.
  package init(reason: String) {
    self.reason = reason
  }
}

extension HypervisorError.Kind {
  /// The rule of a step whose call failed with an error of this kind.
  fileprivate var rule: Rule {
    switch self {
    case .refused, .notInSnapshot: .callRefused
    case .deadline: .noAnswer
    case .connection: .connectionLost
    case .busy: .domainBusy
    case .noDomain: .domainGone
    case .denied: .accessDenied
    case .unsupported: .callUnsupported
    }
  }
}
