// SPDX-License-Identifier: Apache-2.0

internal import Documents
internal import LibvirtModel
internal import MemoryModel
internal import Planner
internal import TestSupport

/// A law that is broken, and the place.
struct Broken: Error {
  let law: String
  var host = ""
  var uuid = ""

  init(_ law: String, _ host: String = "", _ uuid: String = "") {
    (self.law, self.host, self.uuid) = (law, host, uuid)
  }

  func concerns(_ event: Event) -> Bool {
    (event.host.isEmpty || host.isEmpty || event.host == host)
      && (event.uuid.isEmpty || uuid.isEmpty || event.uuid == uuid)
  }
}

enum Law {
  static func check(
    _ holds: Bool, _ law: @autoclosure () -> String, _ host: String = "", _ uuid: String = ""
  ) throws {
    if !holds { throw Broken(law(), host, uuid) }
  }
}

/// What one run of `apply` saw, did and told.
///
/// The judge compares values as the planner does, and judges the order of looks and calls, and what
/// is told of them, by the trace alone.
struct JudgedRun {
  let events: [Event]
  /// The number of the first event in the whole trace.
  let first: Int
  /// The value of `--parallel`.
  let width: Int
  /// The status; nil for a run that was killed.
  let status: Int32?
  let document: SavedPlan?
  let hosts: [String: ObservedHost]

  func check() throws {
    try Law.check(
      status.map { [0, 1, 2, 3, 4, 5, 130].contains($0) } ?? true,
      "a run has a status: \(status ?? 0)")
    for (index, event) in events.enumerated() {
      guard case .call(let call) = event.kind else { continue }
      try checkOrigin(of: call, at: index)
      try checkMemory(of: call, at: index)
      if let plan = document?.plan { try checkStep(of: call, at: index, plan) }
    }
    try checkInterruption()
    try checkParallelism()
    guard let report = document?.report else { return }
    try checkSuccess(report)
  }

  // MARK: - Before a call

  /// The looks at the domain of the event `index` that were begun after the last call to it.
  private func freshLooks(before index: Int) -> [ObservedDomain] {
    let event = events[index]
    var looks: [ObservedDomain] = []
    var border = first
    for (number, other) in events[..<index].enumerated()
    where other.host == event.host && other.uuid == event.uuid {
      switch other.kind {
      case .answer:
        border = first + number
        looks = []
      case .look(let domain, let since) where since > border: looks.append(domain)
      default: break
      }
    }
    return looks
  }

  private func checkOrigin(of call: Call, at index: Int) throws {
    let event = events[index]
    guard let host = hosts[event.host] else { return }
    let looks = freshLooks(before: index)
    let conditions = StepConditions(of: .call(call), on: host)
    let isSeen = looks.contains { domain in
      conditions.isAtOrigin(named(domain, call, on: host, event))
    }
    try Law.check(
      isSeen || isWithdrawal(call, before: index),
      "no call without its precondition seen since the last call: event \(first + index)",
      event.host, event.uuid)
  }

  /// The domain with its devices named as the plan names them, or as the call means them.
  private func named(
    _ domain: ObservedDomain, _ call: Call?, on host: ObservedHost, _ event: Event
  ) -> ObservedDomain {
    if let plan = document?.plan.domains.first(where: {
      $0.host == event.host && $0.uuid == event.uuid
    }) {
      return plan.naming(domain, on: host)
    }
    guard let call else { return domain }
    return GuestBehaviour(of: domain, on: host).naming(domain, as: call.devicesMeant)
  }

  /// Whether the call withdraws the target that the call before it gave a balloon.
  func isWithdrawal(_ call: Call, before index: Int) -> Bool {
    guard call.action == .setMemory, call.plane == .live else { return false }
    let event = events[index]
    let last = events[..<index].last { other in
      guard other.host == event.host, other.uuid == event.uuid, case .call = other.kind else {
        return false
      }
      return true
    }
    guard case .call(let before)? = last?.kind else { return false }
    return before.action == .setMemory && before.plane == .live
      && before.target(of: .currentMemory) == call.changes.first?.from
  }

  private func checkStep(of call: Call, at index: Int, _ plan: Plan) throws {
    let event = events[index]
    let domain = plan.domains.first { $0.host == event.host && $0.uuid == event.uuid }
    let number = domain?.steps.firstIndex { $0.operation.call == call }
    guard let domain, let number else {
      return try Law.check(
        isWithdrawal(call, before: index),
        "each call is a step of the plan: event \(first + index)",
        event.host, event.uuid)
    }
    for earlier in domain.steps[..<number] {
      try checkSeen(earlier, of: domain, before: index)
    }
    for need in domain.steps[number].needs {
      for other in plan.domains {
        guard let step = other.steps.first(where: { $0.id == need }) else { continue }
        try checkSeen(step, of: other, before: index)
      }
    }
  }

  private func checkSeen(_ step: Step, of domain: DomainPlan, before index: Int) throws {
    try Law.check(
      sees(step, of: domain, in: events[..<index]),
      "no step before what it needs is seen, \(step.id): event \(first + index)",
      domain.host ?? "", "")
  }

  /// Whether a look showed the values that the step gives.
  private func sees(_ step: Step, of domain: DomainPlan, in events: ArraySlice<Event>) -> Bool {
    guard let host = hosts[domain.host ?? ""] else { return false }
    let conditions = StepConditions(of: step.operation, on: host)
    return events.contains { event in
      guard case .look(let seen, _) = event.kind, event.host == domain.host,
        event.uuid == domain.uuid
      else { return false }
      return conditions.isAchieved(domain.naming(seen, on: host))
    }
  }

  // MARK: - The whole run

  private func checkInterruption() throws {
    var isInterrupted = false
    for (index, event) in events.enumerated() {
      switch event.kind {
      case .interrupt: isInterrupted = true
      case .call:
        try Law.check(
          !isInterrupted, "no call is begun after Ctrl-C: event \(first + index)", event.host,
          event.uuid)
      default: break
      }
    }
    try Law.check(
      !isInterrupted || status == nil || status == 130, "an interrupted run says so: \(status ?? 0)"
    )
  }

  /// A domain is under way at least from its first call to its last answer.
  private func checkParallelism() throws {
    var ends: [String: Int] = [:]
    for (index, event) in events.enumerated() {
      if case .answer = event.kind { ends["\(event.host) \(event.uuid)"] = index }
    }
    var underWay: [String: Set<String>] = [:]
    for (index, event) in events.enumerated() {
      let key = "\(event.host) \(event.uuid)"
      switch event.kind {
      case .call: underWay[event.host, default: []].insert(key)
      case .answer where ends[key] == index: underWay[event.host]?.remove(key)
      default: continue
      }
      try Law.check(
        underWay[event.host, default: []].count <= width,
        "no more domains at once than --parallel \(width): event \(first + index)", event.host)
    }
  }

  private func checkSuccess(_ report: ApplyReport) throws {
    for domain in report.plan.domains {
      for step in domain.steps {
        guard let result = report.steps[step.id],
          result.status == .done || result.status == .alreadyDone
        else { continue }
        try Law.check(
          sees(step, of: domain, in: events[...]), "no step is told done unseen: \(step.id)",
          domain.host ?? "", domain.uuid ?? "")
      }
    }
    guard status == 0 else { return }
    for domain in report.plan.domains where !domain.steps.isEmpty {
      try checkEnd(of: domain)
    }
  }

  /// Checks that the last look at a domain shows all that its steps gave it.
  private func checkEnd(of domain: DomainPlan) throws {
    guard let host = hosts[domain.host ?? ""] else { return }
    let last = events.lastIndex { event in
      guard case .look = event.kind else { return false }
      return event.host == domain.host && event.uuid == domain.uuid
    }
    guard let last else {
      throw Broken("no success without a look", domain.host ?? "", domain.uuid ?? "")
    }
    for (number, step) in domain.steps.enumerated() {
      let later = domain.steps[(number + 1)...].filter { $0.plane == step.plane }
      let overwritten = Set(later.flatMap(\.changes).map(\.field))
      guard step.changes.allSatisfy({ !overwritten.contains($0.field) }) else { continue }
      guard case .look(let seen, _) = events[last].kind else { continue }
      // A partner is sent with a limit, but is not declared: another writer may change it.
      guard step.changes.allSatisfy({ $0.from != $0.to }) else { continue }
      // Of a guest that was stopped meanwhile, the persistent definition decides.
      guard step.plane == .persistent || seen.isActive else { continue }
      let conditions = StepConditions(of: step.operation, on: host)
      try Law.check(
        conditions.isAchieved(domain.naming(seen, on: host)),
        "no success where the end differs: \(step.id)", domain.host ?? "", domain.uuid ?? "")
    }
  }
}
