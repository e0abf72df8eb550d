// SPDX-License-Identifier: Apache-2.0

/// Which libvirt call a step makes.
package enum Action: String, Hashable, Sendable, CaseIterable {
  /// Sets RAM at boot, on the persistent plane alone.
  case setMaxMemory
  /// Sets the balloon's figure.
  case setMemory
  /// Sets limits, or ESX's guarantee.
  case setMemoryParameters
  /// Sets how often the guest reports.
  case setMemoryStatsPeriod
  /// Sets the binding to host nodes.
  case setNumaParameters
  /// Plugs a memory device into a running guest.
  case attachDevice
  /// Asks a running guest to let a memory device go.
  case detachDevice
  /// Asks a running guest to plug more or less of a virtio-mem device.
  case updateDevice
  /// Makes no call: waits until the guest has done what it was asked for before.
  case wait = "await"
  /// Defines the domain anew with other memory, all else as it was.
  case redefine

  /// The C function behind it, in the form with flags; empty for a mere wait.
  fileprivate var api: String {
    switch self {
    case .setMaxMemory, .setMemory: "virDomainSetMemoryFlags"
    case .setMemoryParameters: "virDomainSetMemoryParameters"
    case .setMemoryStatsPeriod: "virDomainSetMemoryStatsPeriod"
    case .setNumaParameters: "virDomainSetNumaParameters"
    case .attachDevice: "virDomainAttachDeviceFlags"
    case .detachDevice: "virDomainDetachDeviceAlias"
    case .updateDevice: "virDomainUpdateDeviceFlags"
    case .wait: ""
    case .redefine: "virDomainDefineXMLFlags"
    }
  }
}

/// A field that a call writes.
package struct Change: Hashable, Sendable {
  /// The field's name.
  package var field: FieldPath
  /// What it must be before the call; nil for not there.
  package var from: FieldValue?
  /// What the call makes of it; nil for not there.
  package var to: FieldValue?

  /// Makes a change.
  package init(field: FieldPath, from: FieldValue?, to: FieldValue?) {
    self.field = field
    self.from = from
    self.to = to
  }
}

/// A libvirt call with all that it writes, on one plane and never on both.
package struct Call: Hashable, Sendable {
  /// Which call.
  package var action: Action
  /// Which definition it writes.
  package var plane: Plane
  /// Every field that it writes, those too that are sent only because their partner is; of a wait,
  /// every field that it waits for, from what the guest has done to what it was asked for.
  package var changes: [Change]
  /// How the driver takes it.
  package var form: CallForm

  /// Makes a call.
  package init(
    _ action: Action, on plane: Plane, changes: [Change], form: CallForm = .flagged
  ) {
    self.action = action
    self.plane = plane
    self.changes = changes
    self.form = form
  }

  /// The C function that is called; empty for a mere wait.
  package var api: String {
    switch (action, form) {
    case (.setMaxMemory, .plain): "virDomainSetMaxMemory"
    case (.setMemory, .plain): "virDomainSetMemory"
    default: action.api
    }
  }

  /// The call's flags in libvirt's words, without the `VIR_DOMAIN_AFFECT_` and `VIR_DOMAIN_MEM_`.
  package var flags: [String] {
    let plane = plane == .live ? "LIVE" : "CONFIG"
    guard form == .flagged else { return [] }
    return switch action {
    case .redefine, .wait: []
    case .setMaxMemory: [plane, "MAXIMUM"]
    case .setMemory, .setMemoryParameters, .setMemoryStatsPeriod, .setNumaParameters,
      .attachDevice, .detachDevice, .updateDevice:
      [plane]
    }
  }

  /// What the call makes of `field`; nil where it does not write it or takes it away.
  package func target(of field: FieldPath) -> FieldValue? {
    changes.first { $0.field == field }?.to
  }
}

/// One call of a plan, with what it needs and what it does to the guest.
package struct Step: Hashable, Sendable {
  /// The step's name in its plan: host, domain, number.
  package var id: String
  /// The call.
  package var call: Call
  /// What it does to the guest.
  package var disruption: Disruption
  /// Why it is made, in one sentence.
  package var reason: String
  /// The ids of steps, of this domain or others of its host, that must have been verified before.
  package var needs: [String]

  /// Makes a step.
  package init(
    id: String, call: Call, disruption: Disruption, reason: String, needs: [String] = []
  ) {
    self.id = id
    self.call = call
    self.disruption = disruption
    self.reason = reason
    self.needs = needs
  }
}
