// SPDX-License-Identifier: Apache-2.0

/// The device through which a guest gives memory back.
///
/// The corresponding libvirt element is `<memballoon>`.
public struct MemoryBalloon: Hashable, Sendable {
  /// The device's model as libvirt spells it, such as `virtio` or `none`; read, not yet changed.
  public var model: String?
  /// Whether the guest takes memory back by itself under pressure; read, not yet changed.
  public var autodeflate: Bool?
  /// How often the guest reports its statistics, zero for never; `<stats period>` and
  /// `virDomainSetMemoryStatsPeriod`.
  public var statsPeriod: StatisticsPeriod?

  /// Makes a balloon of which nothing is known.
  public init() {}

  /// Whether the definition says outright that there is no balloon device.
  public var isRuledOut: Bool { model == "none" }
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
