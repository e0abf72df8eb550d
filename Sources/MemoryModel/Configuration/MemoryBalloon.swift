// SPDX-License-Identifier: Apache-2.0

/// The device through which a guest gives memory back.
///
/// The corresponding libvirt element is `<memballoon>`.
package struct MemoryBalloon: Hashable, Sendable {
  /// The device's model; `model`.
  package var model: BalloonModel?
  /// Whether the guest takes memory back by itself under pressure; `autodeflate`.
  package var autodeflate: Bool?
  /// Whether the guest tells which of its pages are free; `freePageReporting`.
  package var freePageReporting: Bool?
  /// How often the guest reports its statistics, zero for never; `<stats period>` and
  /// `virDomainSetMemoryStatsPeriod`.
  package var statsPeriod: StatisticsPeriod?

  /// Makes a balloon of which nothing is known.
  package init() {}

  /// Whether the definition says outright that there is no balloon device.
  package var isRuledOut: Bool { model == .noDevice }
}

/// The model of a balloon device, in libvirt's words.
package enum BalloonModel: String, WordLeaf {
  /// The usual one.
  case virtio
  /// One for guests that know virtio before 1.0.
  case virtioTransitional = "virtio-transitional"
  /// One for guests that know virtio 1.0.
  case virtioNonTransitional = "virtio-non-transitional"
  /// Xen's own.
  case xen
  /// No balloon device at all.
  case noDevice = "none"
}

/// How often a guest reports its memory statistics, in whole seconds.
package struct StatisticsPeriod: FieldLeaf {
  /// The longest period that libvirt takes.
  package static let maximum: UInt64 = 2_147_483_647

  /// The period in seconds; zero turns statistics off.
  package let seconds: UInt64

  /// Makes a period of so many seconds.
  package init(seconds: UInt64) {
    self.seconds = seconds
  }

  /// A duration.
  package static var kind: FieldKind { .duration }

  /// The seconds.
  package var fieldValue: FieldValue { .seconds(seconds) }

  /// Takes seconds.
  package init?(_ value: FieldValue) {
    guard case .seconds(let seconds) = value else { return nil }
    self.seconds = seconds
  }
}
