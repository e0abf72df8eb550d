// SPDX-License-Identifier: Apache-2.0

/// The balloon device, through which a guest gives memory back to the host; `<memballoon>`.
package struct MemoryBalloon: Hashable, Sendable {
  /// The device's model; `model`.
  package var model: BalloonModel?
  /// Whether the balloon returns memory to a guest that runs out of memory; `autodeflate`.
  package var autodeflate: Bool?
  /// Whether the guest reports its free pages to the host; `freePageReporting`.
  package var freePageReporting: Bool?
  /// How often QEMU collects the guest's memory statistics; zero means never.
  ///
  /// The libvirt element is `<stats period>`, the call is `virDomainSetMemoryStatsPeriod`.
  package var statsPeriod: StatisticsPeriod?

  /// Makes a balloon without any value.
  package init() {}

  /// Whether the definition excludes a balloon device with the model `none`.
  package var isRuledOut: Bool { model == .noDevice }
}

/// The model of a balloon device; the words are libvirt's.
package enum BalloonModel: String, WordLeaf {
  /// A virtio device, the usual model.
  case virtio
  /// A virtio device that also supports guests with drivers older than virtio 1.0.
  case virtioTransitional = "virtio-transitional"
  /// A virtio device only for guests with drivers for virtio 1.0.
  case virtioNonTransitional = "virtio-non-transitional"
  /// Xen's balloon.
  case xen
  /// No balloon device.
  case noDevice = "none"
}

/// How often QEMU collects a guest's memory statistics, in whole seconds.
package struct StatisticsPeriod: FieldLeaf {
  /// The longest period that libvirt accepts, in seconds.
  package static let maximum: UInt64 = 2_147_483_647

  /// The period in seconds; zero turns the statistics off.
  package let seconds: UInt64

  /// Makes a period in seconds.
  package init(seconds: UInt64) {
    self.seconds = seconds
  }

  /// Manifests spell a duration.
  package static var kind: FieldKind { .duration }

  /// The period as ``FieldValue/seconds(_:)``.
  package var fieldValue: FieldValue { .seconds(seconds) }

  /// Makes a period from ``FieldValue/seconds(_:)``; nil for any other value.
  package init?(_ value: FieldValue) {
    guard case .seconds(let seconds) = value else { return nil }
    self.seconds = seconds
  }
}
