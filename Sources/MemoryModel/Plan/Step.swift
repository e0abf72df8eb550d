// SPDX-License-Identifier: Apache-2.0

/// What a step does.
package enum Operation: Hashable, Sendable {
  /// Makes a libvirt call and waits until its effect shows.
  case call(Call)
  /// Makes no call: waits until the running guest has done what an earlier call asked for.
  ///
  /// Each change goes from what the guest has done to what it was asked for.
  case wait([Change])

  /// Every field that the operation writes or waits for.
  package var changes: [Change] {
    switch self {
    case .call(let call): call.changes
    case .wait(let changes): changes
    }
  }

  /// The definition that the operation is about.
  package var plane: Plane {
    switch self {
    case .call(let call): call.plane
    case .wait: .live
    }
  }

  /// The libvirt call; nil where the operation makes none.
  package var call: Call? {
    switch self {
    case .call(let call): call
    case .wait: nil
    }
  }

  /// The name of the operation in documents.
  package var name: String {
    switch self {
    case .call(let call): call.action.rawValue
    case .wait: Self.waitName
    }
  }

  /// The name of ``wait(_:)`` in documents.
  package static let waitName = "await"

  /// The C function that the operation calls; empty where it calls none.
  package var api: String { call?.api ?? "" }

  /// The flags of the libvirt call, as ``Call/flags`` has them; empty where it makes none.
  package var flags: [String] {
    switch self {
    case .call(let call): call.flags
    case .wait: []
    }
  }

  /// Whether the running guest brings the effect about, in its own time.
  package var needsGuest: Bool {
    switch self {
    case .call(let call): call.plane == .live && call.action.needsGuest
    case .wait: true
    }
  }
}

/// One operation of a plan, with what it needs and what it does to the guest.
package struct Step: Hashable, Sendable {
  /// The step's name in its plan: host, domain, number.
  package var id: String
  /// What the step does.
  package var operation: Operation
  /// What it does to the running guest.
  package var disruption: Disruption
  /// Why the plan has the step, in one sentence.
  package var reason: String
  /// The ids of steps, of this domain or others of its host, that must have been verified before.
  package var needs: [String]

  /// Makes a step.
  package init(
    id: String, operation: Operation, disruption: Disruption, reason: String, needs: [String] = []
  ) {
    self.id = id
    self.operation = operation
    self.disruption = disruption
    self.reason = reason
    self.needs = needs
  }

  /// Every field that the step writes or waits for.
  package var changes: [Change] { operation.changes }

  /// The definition that the step is about.
  package var plane: Plane { operation.plane }
}
