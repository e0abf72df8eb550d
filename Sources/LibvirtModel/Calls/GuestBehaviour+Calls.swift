// SPDX-License-Identifier: Apache-2.0

package import MemoryModel

/// The effect of each libvirt call on a domain, and the rules that refuse it.
///
/// Each rule of a call is code in the function of that call, and nowhere else.
extension GuestBehaviour {
  /// Returns the domain as `operation` leaves it.
  ///
  /// - Throws: ``Refusal`` with the rule that forbids the operation.
  package func result(
    of operation: Operation, on domain: ObservedDomain
  ) throws(Refusal) -> ObservedDomain {
    switch operation {
    case .call(let call): try result(of: call, on: domain)
    case .wait(let changes): try waiting(for: changes, on: fillingInBalloons(of: domain))
    }
  }

  /// Returns the domain as `call` leaves it.
  ///
  /// - Throws: ``Refusal`` with the rule that forbids the call, also where libvirt would
  ///   accept it without effect.
  package func result(of call: Call, on domain: ObservedDomain) throws(Refusal) -> ObservedDomain {
    let domain = fillingInBalloons(of: domain)
    let fields = call.changes.map(\.field)
    // No driver redefines a running guest. This comes before the check whether the driver has the
    // call, so that drivers without redefinition report it too.
    if call.plane == .live && call.action == .redefine && domain.isActive {
      throw Refusal(.redefinitionNeverLive, fields)
    }
    guard has(call.action), !domain.unsupported.contains(call.action) else {
      throw Refusal(
        call.action.isReplaceable ? .driverHasNoCall : .driverHasNoKnob, call.changed,
        instance: "\(driver.name) has no call for it")
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
    case .redefine: try redefine(call, of: domain, in: &definition)
    }
    var result = domain
    result[call.plane] = definition
    // A driver with plain calls has one definition, so both planes change together.
    if call.form == .plain {
      for plane in Plane.allCases where plane != call.plane { result[plane]?.make(call.changes) }
    }
    return result
  }

  /// Models `virDomainSetMemoryFlags(MAXIMUM)`.
  ///
  /// libvirt's argument is RAM at boot plus all devices; `memory` is RAM at boot alone.
  private func setMaxMemory(
    _ call: Call, in definition: inout MemoryConfiguration
  ) throws(Refusal) {
    guard case .size(let target)? = call.target(of: .memory) else { return }
    guard call.plane == .persistent else { throw Refusal(.setmaxmemNeverLive, [.memory]) }
    guard definition.cells.isEmpty else {
      throw Refusal(
        .setmaxmemWithNUMACells, [.memory],
        instance: "the guest has NUMA cells, and their sizes add up to memory")
    }
    let before = definition
    definition.memory = target
    if let excess = definition.excessOverCeiling {
      throw Refusal(.memoryAboveMaxMemory, [.memory], instance: excess)
    }
    clampCurrentMemory(in: &definition)
    try checkHugepages(definition, before: before, by: call)
  }

  /// Lowers `currentMemory` to the new maximum, as libvirt does without a message.
  func clampCurrentMemory(in definition: inout MemoryConfiguration) {
    guard case .exactly(let current)? = definition.currentMemory, let memory = definition.memory
    else { return }
    definition.currentMemory = .exactly(min(current, memory + definition.deviceTotal))
  }

  /// Models `virDomainSetMemoryFlags`: live a request to the guest, persistent the balloon target
  /// of the next boot.
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
        instance: "at most \(reach) can be asked for on the \(call.plane.rawValue) definition")
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

  /// Models `virDomainSetMemoryParameters`.
  ///
  /// libvirt compares hard_limit with swap_hard_limit. For the one that a call does not send, it
  /// takes the value of the *live* definition, even in a persistent call.
  func setMemoryParameters(
    _ call: Call, of domain: ObservedDomain, in definition: inout MemoryConfiguration
  ) throws(Refusal) {
    let fields = call.changes.map(\.field)
    guard !isSession else { throw Refusal(.memtuneSessionMode, call.changed) }
    if fields.contains(.minGuarantee) && !hasTuning(.minGuarantee) {
      throw Refusal(
        .minGuaranteeNotQEMU, [.minGuarantee], instance: "\(driver.name) has no min_guarantee")
    }
    let lacking = call.changed.filter { !hasTuning($0.name) }
    guard lacking.isEmpty else {
      throw Refusal(
        .driverHasNoKnob, lacking, instance: "\(driver.name) has no such limit on memory")
    }
    if fields.contains(.hardLimit) || fields.contains(.swapHardLimit) {
      // For a shut-off domain libvirt takes the other limit from the persistent definition, not
      // from a saved image. For a running one it takes the limit that it recorded itself, not one
      // that others wrote to the kernel.
      let compared = domain.isActive ? domain.live : domain.persistent
      let running = compared?.surroundings.recordedLimits ?? compared?.memtune
      var both = MemoryTuning()
      both.hardLimit = limit(.hardLimit, in: call, else: running?.hardLimit)
      both.swapHardLimit = limit(.swapHardLimit, in: call, else: running?.swapHardLimit)
      if case .limits(let hard, let swap)? = both.contradiction {
        throw Refusal(
          .hardLimitAboveSwapHardLimit, fields,
          instance: """
            on the \(call.plane.rawValue) definition hardLimit would be \(hard.fieldValue), above \
            the swapHardLimit of \(swap.fieldValue)
            """)
      }
    }
    // The kernel rounds to pages, but libvirt's live definition keeps the value of the call.
    for change in call.changes {
      definition[change.field] = change.to
      guard let limits = definition.surroundings.recordedLimits else { continue }
      var recorded = MemoryConfiguration()
      recorded.memtune = limits
      recorded[change.field] = change.to
      definition.surroundings.recordedLimits = recorded.memtune
    }
  }

  private func limit(_ field: FieldPath, in call: Call, else running: Limit?) -> Limit {
    call.target(of: field).flatMap(Limit.init) ?? running ?? .unlimited
  }

  /// Models `virDomainSetMemoryStatsPeriod`, which needs a balloon device on every driver.
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

extension GuestBehaviour {
  /// Refuses a change that needs the guest while it is paused, asleep or crashed.
  func checkGuestMoves(_ domain: ObservedDomain, _ fields: [FieldPath]) throws(Refusal) {
    guard let why = domain.state.keepsGuestFromMoving else { return }
    throw Refusal(.guestNotRunning, fields, instance: why)
  }
}

extension DomainState {
  /// Why a guest in this state can't change its memory; nil if it can.
  var keepsGuestFromMoving: String? {
    switch self {
    case .paused: "the guest is paused, so its memory can't move"
    case .pmsuspended: "the guest is asleep (pmsuspended), so its memory can't move"
    case .crashed: "the guest has crashed, so its memory can't move"
    case .running, .idle, .inShutdown, .shutOff, .noState: nil
    }
  }
}
