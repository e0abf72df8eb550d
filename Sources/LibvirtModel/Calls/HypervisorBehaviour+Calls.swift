// SPDX-License-Identifier: Apache-2.0

package import MemoryModel

/// What each libvirt call makes of a domain, and what refuses it.
///
/// A rule of a call is code here and nowhere else, in the function of that call.
extension HypervisorBehaviour {
  /// The domain as `call` leaves it.
  ///
  /// - Throws: ``Refusal`` with the rule that keeps the call from being made, or from having
  ///   an effect where libvirt would accept it.
  package func outcome(of call: Call, on domain: ObservedDomain) throws(Refusal) -> ObservedDomain {
    try of(domain).outcome(of: call, onDomain: fillingInBalloons(of: domain))
  }

  private func outcome(
    of call: Call, onDomain domain: ObservedDomain
  ) throws(Refusal) -> ObservedDomain {
    let fields = call.changes.map(\.field)
    // What runs keeps what it started with on every driver, those too that redefine nothing.
    if call.plane == .live && call.action == .redefine && domain.isActive {
      throw Refusal(.redefinitionNeverLive, fields)
    }
    guard has(call.action), !domain.unsupported.contains(call.action) else {
      throw Refusal(
        call.action.isReplaceable ? .driverHasNoCall : .driverHasNoKnob, call.changed,
        summary: "\(driver.name) has no call for it")
    }
    if call.plane == .live && !domain.isActive {
      throw Refusal(.liveNeedsRunningDomain, fields)
    }
    guard var definition = domain[call.plane] else {
      throw Refusal(.persistentNeedsDefinition, fields)
    }
    if call.action == .setMaxMemory && call.form == .plain && domain.isActive {
      throw Refusal(.needsPowerOff, call.changed)
    }
    switch call.action {
    case .setMaxMemory: try setMaxMemory(call, in: &definition)
    case .setMemory: try setMemory(call, of: domain, in: &definition)
    case .setMemoryParameters: try setMemoryParameters(call, of: domain, in: &definition)
    case .setMemoryStatsPeriod: try setMemoryStatsPeriod(call, in: &definition)
    case .setNumaParameters: try setNumaParameters(call, of: domain, in: &definition)
    case .attachDevice: try attachDevice(call, of: domain, in: &definition)
    case .detachDevice: try detachDevice(call, of: domain, in: &definition)
    case .updateDevice: try updateDevice(call, of: domain, in: &definition)
    case .wait: try wait(call, of: domain, in: &definition)
    case .redefine: try redefine(call, of: domain, in: &definition)
    }
    var result = domain
    result[call.plane] = definition
    // What is one definition is changed as one.
    if call.form == .plain {
      for plane in Plane.allCases where plane != call.plane { result[plane]?.make(call.changes) }
    }
    return result
  }

  /// `virDomainSetMemoryFlags(MAXIMUM)`: its argument is boot RAM plus all devices.
  private func setMaxMemory(
    _ call: Call, in definition: inout MemoryConfiguration
  ) throws(Refusal) {
    guard case .size(let target)? = call.target(of: .memory) else { return }
    guard call.plane == .persistent else { throw Refusal(.setmaxmemNeverLive, [.memory]) }
    guard definition.cells.isEmpty else {
      throw Refusal(
        .setmaxmemWithNUMACells, [.memory],
        detail: "The guest has \(definition.cells.count) NUMA cell(s).")
    }
    definition.memory = target
    if let excess = definition.excessOverCeiling {
      throw Refusal(.memoryAboveMaxMemory, [.memory], detail: excess)
    }
    clampCurrentMemory(in: &definition)
  }

  /// libvirt lowers the balloon's figure with the maximum, and says nothing.
  func clampCurrentMemory(in definition: inout MemoryConfiguration) {
    guard case .exactly(let current)? = definition.currentMemory, let memory = definition.memory
    else { return }
    definition.currentMemory = .exactly(min(current, memory + definition.deviceTotal))
  }

  /// `virDomainSetMemoryFlags`: a request to the guest live, a figure for the next boot persistent.
  func setMemory(
    _ call: Call, of domain: ObservedDomain, in definition: inout MemoryConfiguration
  ) throws(Refusal) {
    guard case .size(let target)? = call.target(of: .currentMemory) else { return }
    let reach = definition.reach ?? .maximum
    if definition.memballoon.isRuledOut && (call.plane == .live || target != reach) {
      throw Refusal(.noBalloonDevice, [.currentMemory])
    }
    guard target <= reach else {
      throw Refusal(
        .currentMemoryAboveReach, [.currentMemory],
        detail: "\(target) is more than the \(call.plane.rawValue) reach of \(reach).")
    }
    guard call.plane == .live else {
      definition.currentMemory = .exactly(target)
      return
    }
    try checkGuestMoves(domain, [.currentMemory])
    let plugged = definition.pluggedTotal
    let reached = driver == .qemu ? target.roundedUp(toMultipleOf: Self.page) : target
    definition.currentMemory = .exactly(min(reached, reach) + plugged)
  }

  /// `virDomainSetMemoryParameters`: what is not sent is compared as the *live* definition has it,
  /// even for a persistent call.
  func setMemoryParameters(
    _ call: Call, of domain: ObservedDomain, in definition: inout MemoryConfiguration
  ) throws(Refusal) {
    let fields = call.changes.map(\.field)
    guard !isSession else { throw Refusal(.memtuneSessionMode, call.changed) }
    if fields.contains(.minGuarantee) && !hasTuning(.minGuarantee) {
      throw Refusal(
        .minGuaranteeNotQEMU, [.minGuarantee], summary: "\(driver.name) has no min_guarantee")
    }
    let lacking = call.changed.filter { !hasTuning($0.name) }
    guard lacking.isEmpty else {
      throw Refusal(
        .driverHasNoKnob, lacking, summary: "\(driver.name) has no such limit on memory")
    }
    if fields.contains(.hardLimit) || fields.contains(.swapHardLimit) {
      // An image is no live definition to libvirt, and what others wrote to the kernel is not in
      // its own.
      let compared = domain.isActive ? domain.live : domain.persistent
      let running = compared?.surroundings.recordedLimits ?? compared?.memtune
      var both = MemoryTuning()
      both.hardLimit = limit(.hardLimit, in: call, else: running?.hardLimit)
      both.swapHardLimit = limit(.swapHardLimit, in: call, else: running?.swapHardLimit)
      if case .limits(let hard, let swap)? = both.contradiction {
        throw Refusal(
          .hardLimitAboveSwapHardLimit, fields,
          detail: """
            On the \(call.plane.rawValue) definition hardLimit would be \(hard.fieldValue) and \
            swapHardLimit \(swap.fieldValue).
            """)
      }
    }
    // The kernel counts in pages, but the live definition keeps what it was given.
    for change in call.changes {
      definition[change.field] = change.to
      guard definition.surroundings.recordedLimits != nil else { continue }
      var recorded = MemoryConfiguration()
      recorded.memtune = definition.surroundings.recordedLimits ?? MemoryTuning()
      recorded[change.field] = change.to
      definition.surroundings.recordedLimits = recorded.memtune
    }
  }

  private func limit(_ field: FieldPath, in call: Call, else running: Limit?) -> Limit {
    call.target(of: field).flatMap(Limit.init) ?? running ?? .unlimited
  }

  /// `virDomainSetMemoryStatsPeriod`: needs a balloon device on every driver.
  func setMemoryStatsPeriod(
    _ call: Call, in definition: inout MemoryConfiguration
  ) throws(Refusal) {
    // Other drivers add a balloon where the definition has none; the test driver does not.
    let hasNone = definition.memballoon.model == nil && driver == .test
    guard !definition.memballoon.isRuledOut, !hasNone else {
      throw Refusal(.noBalloonDevice, [.statsPeriod])
    }
    definition[.statsPeriod] = call.target(of: .statsPeriod)
  }
}

extension HypervisorBehaviour {
  /// A guest that stands still is asked for nothing.
  func checkGuestMoves(_ domain: ObservedDomain, _ fields: [FieldPath]) throws(Refusal) {
    guard let why = domain.state.keepsGuestFromMoving else { return }
    throw Refusal(.guestNotRunning, fields, summary: why)
  }
}

extension Action {
  /// Whether a redefinition and a start do the same, so that a driver can do without the call.
  fileprivate var isReplaceable: Bool {
    [.setNumaParameters, .attachDevice, .detachDevice, .updateDevice].contains(self)
  }
}

extension Call {
  /// The fields that the call changes, those left out that are sent only along with a partner.
  var changed: [FieldPath] { changes.filter { $0.from != $0.to }.map(\.field) }
}

extension DomainState {
  /// Why a guest in this state does not follow its balloon; nil where it does.
  var keepsGuestFromMoving: String? {
    switch self {
    case .paused: "the guest is paused, so its memory can't move"
    case .pmsuspended: "the guest is asleep (pmsuspended), so its memory can't move"
    case .crashed: "the guest has crashed, so its memory can't move"
    case .running, .idle, .inShutdown, .shutOff, .noState: nil
    }
  }
}
