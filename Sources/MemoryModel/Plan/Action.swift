// SPDX-License-Identifier: Apache-2.0

/// The kind of libvirt call that a step makes.
///
/// This file has the traits of an action that do not depend on its values; the compiler asks for
/// all of them for a new action. The planner's `Phase` defines the order of actions. The model's
/// `GuestBehaviour` defines how a call changes a domain.
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

  /// The C function for drivers with one definition, whose calls take no flags.
  package var plainFunction: String {
    switch self {
    case .setMaxMemory: "virDomainSetMaxMemory"
    case .setMemory: "virDomainSetMemory"
    case .setMemoryParameters, .setMemoryStatsPeriod, .setNumaParameters, .attachDevice,
      .detachDevice, .updateDevice, .redefine:
      function
    }
  }

  /// The flags besides `VIR_DOMAIN_AFFECT_LIVE` or `_CONFIG`; nil if the call takes no flags.
  package var flags: [String]? {
    switch self {
    case .redefine: nil
    case .setMaxMemory: ["MAXIMUM"]
    case .setMemory, .setMemoryParameters, .setMemoryStatsPeriod, .setNumaParameters,
      .attachDevice, .detachDevice, .updateDevice:
      []
    }
  }

  /// Whether a redefinition followed by a start has the same result, so that a driver without the
  /// call can use it.
  package var isReplaceable: Bool {
    switch self {
    case .setNumaParameters, .attachDevice, .detachDevice, .updateDevice: true
    case .setMaxMemory, .setMemory, .setMemoryParameters, .setMemoryStatsPeriod, .redefine: false
    }
  }

  /// Whether the live call takes effect only when the running guest follows it.
  package var needsGuest: Bool {
    switch self {
    case .setMemory, .attachDevice, .detachDevice, .updateDevice: true
    case .setMaxMemory, .setMemoryParameters, .setMemoryStatsPeriod, .setNumaParameters, .redefine:
      false
    }
  }

  /// How much the live call disturbs the guest; `takesMemory` says whether the call lowers a value.
  package func liveDisruption(takesMemory: Bool) -> Disruption {
    switch self {
    case .setMemory, .setNumaParameters, .attachDevice, .detachDevice, .updateDevice: .live
    case .setMemoryParameters: takesMemory ? .live : .none
    case .setMemoryStatsPeriod: .none
    case .setMaxMemory, .redefine: .restart
    }
  }
}
