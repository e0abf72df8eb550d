// SPDX-License-Identifier: Apache-2.0

/// The device through which a guest gives memory back.
///
/// The corresponding libvirt element is `<memballoon>`.
public struct MemoryBalloon: Hashable, Sendable {
  /// The device's model; `model`.
  public var model: BalloonModel?
  /// Whether the guest takes memory back by itself under pressure; `autodeflate`.
  public var autodeflate: Bool?
  /// Whether the guest tells which of its pages are free; `freePageReporting`.
  public var freePageReporting: Bool?
  /// How often the guest reports its statistics, zero for never; `<stats period>` and
  /// `virDomainSetMemoryStatsPeriod`.
  public var statsPeriod: StatisticsPeriod?

  /// Makes a balloon of which nothing is known.
  public init() {}

  /// Whether the definition says outright that there is no balloon device.
  public var isRuledOut: Bool { model == .noDevice }
}

/// The model of a balloon device, in libvirt's words.
public enum BalloonModel: String, WordLeaf {
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
public struct StatisticsPeriod: FieldLeaf {
  /// The longest period that libvirt takes.
  public static let maximum: UInt64 = 2_147_483_647

  /// The period in seconds; zero turns statistics off.
  public let seconds: UInt64

  /// Makes a period of so many seconds.
  public init(seconds: UInt64) {
    self.seconds = seconds
  }

  /// A duration.
  public static var kind: FieldKind { .duration }

  /// The seconds.
  public var fieldValue: FieldValue { .seconds(seconds) }

  /// Takes seconds.
  public init?(_ value: FieldValue) {
    guard case .seconds(let seconds) = value else { return nil }
    self.seconds = seconds
  }
}
