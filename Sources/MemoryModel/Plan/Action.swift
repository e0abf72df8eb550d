// SPDX-License-Identifier: Apache-2.0

/// Which libvirt call a step makes.
///
/// All that holds for an action whatever it writes stands in this file; the compiler asks for each
/// trait of a new one. The order of actions is the planner's (`Phase`), and what a call makes of a
/// domain is the model's (`HypervisorBehaviour`).
package enum Action: String, Hashable, Sendable, CaseIterable {
  /// Sets the RAM at boot, on the persistent definition only.
  case setMaxMemory
  /// Sets the balloon's target live, or `<currentMemory>` of the persistent definition.
  case setMemory
  /// Sets the limits of `<memtune>`, or the guarantee of ESX.
  case setMemoryParameters
  /// Sets how often the guest reports its balloon statistics.
  case setMemoryStatsPeriod
  /// Sets the binding to the host's NUMA nodes.
  case setNumaParameters
  /// Plugs a memory device into a running guest.
  case attachDevice
  /// Asks a running guest to release a memory device.
  case detachDevice
  /// Asks a running guest to plug more or less of a virtio-mem device.
  case updateDevice
  /// Defines the domain again with other memory, and with all else unchanged.
  case redefine
}

extension Action {
  /// The C function that takes flags.
  package var function: String {
    switch self {
    case .setMaxMemory, .setMemory: "virDomainSetMemoryFlags"
    case .setMemoryParameters: "virDomainSetMemoryParameters"
    case .setMemoryStatsPeriod: "virDomainSetMemoryStatsPeriod"
    case .setNumaParameters: "virDomainSetNumaParameters"
    case .attachDevice: "virDomainAttachDeviceFlags"
    case .detachDevice: "virDomainDetachDeviceAlias"
    case .updateDevice: "virDomainUpdateDeviceFlags"
    case .redefine: "virDomainDefineXMLFlags"
    }
  }

  /// The C function of drivers that have one definition, and whose calls take no flags.
  package var plainFunction: String {
    switch self {
    case .setMaxMemory: "virDomainSetMaxMemory"
    case .setMemory: "virDomainSetMemory"
    case .setMemoryParameters, .setMemoryStatsPeriod, .setNumaParameters, .attachDevice,
      .detachDevice, .updateDevice, .redefine:
      function
    }
  }

  /// The flags beside `VIR_DOMAIN_AFFECT_LIVE` or `_CONFIG`; nil where the call takes none at all.
  package var flags: [String]? {
    switch self {
    case .redefine: nil
    case .setMaxMemory: ["MAXIMUM"]
    case .setMemory, .setMemoryParameters, .setMemoryStatsPeriod, .setNumaParameters,
      .attachDevice, .detachDevice, .updateDevice:
      []
    }
  }

  /// Whether a redefinition and a start do the same, so that a driver can lack the call.
  package var isReplaceable: Bool {
    switch self {
    case .setNumaParameters, .attachDevice, .detachDevice, .updateDevice: true
    case .setMaxMemory, .setMemory, .setMemoryParameters, .setMemoryStatsPeriod, .redefine: false
    }
  }

  /// Whether the running guest has to follow the live call, in its own time.
  package var needsGuest: Bool {
    switch self {
    case .setMemory, .attachDevice, .detachDevice, .updateDevice: true
    case .setMaxMemory, .setMemoryParameters, .setMemoryStatsPeriod, .setNumaParameters, .redefine:
      false
    }
  }

  /// What the live call does to the guest; `takesMemory` says whether the call lowers a value.
  package func liveDisruption(takesMemory: Bool) -> Disruption {
    switch self {
    case .setMemory, .setNumaParameters, .attachDevice, .detachDevice, .updateDevice: .live
    case .setMemoryParameters: takesMemory ? .live : .none
    case .setMemoryStatsPeriod: .none
    case .setMaxMemory, .redefine: .restart
    }
  }
}
