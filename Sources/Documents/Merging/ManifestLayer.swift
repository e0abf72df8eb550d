// SPDX-License-Identifier: Apache-2.0

internal import MemoryModel

/// A value with its place in a document; the value is nil if it is invalid.
struct Placed<Value: Sendable>: Sendable {
  let value: Value?
  let position: SourcePosition
}

extension Placed: Equatable where Value: Equatable {}

/// The setting of a field in a document.
enum Setting: Equatable, Sendable {
  /// The field must have this value.
  case value(FieldValue)
  /// The field must stay within these bounds.
  ///
  /// A missing bound comes from an earlier layer. If `alone` is true it does not, because the
  /// earlier layer had no range.
  case bounds(min: Placed<MemorySize>?, max: Placed<MemorySize>?, alone: Bool = false)
  /// The field is not managed, whatever earlier layers say.
  case unmanaged
}

extension Setting {
  /// The value to manage; nil if the field is not managed or its bounds are no valid range.
  var fieldValue: FieldValue? {
    switch self {
    case .value(let value): return value
    case .unmanaged: return nil
    case .bounds(let min, let max, _):
      guard let low = min?.value, let high = max?.value, low <= high else { return nil }
      return .sizeRange(low...high)
    }
  }
}

extension Placed<Setting> {
  /// The setting after a later layer says `later`: that setting, with a missing bound taken from
  /// this one.
  func overridden(by later: Placed<Setting>) -> Placed<Setting> {
    guard case .bounds(let laterMin, let laterMax, alone: false)? = later.value else {
      return later
    }
    guard let value else {
      // The missing bound of `later` is unknown, because this setting is invalid.
      return laterMin == nil || laterMax == nil
        ? Placed(value: nil, position: later.position) : later
    }
    guard case .bounds(let min, let max, let alone) = value else {
      return Placed(
        value: .bounds(min: laterMin, max: laterMax, alone: true), position: later.position)
    }
    return Placed(
      value: .bounds(min: laterMin ?? min, max: laterMax ?? max, alone: alone),
      position: later.position)
  }
}

/// The setting `suspend`.
enum SuspendSetting: Equatable, Sendable {
  case off
  case on(Suspension)

  /// The suspension; nil for `off`.
  var suspension: Suspension? {
    if case .on(let suspension) = self { suspension } else { nil }
  }
}

/// The settings for memory and policy in a Profile or a Domain; a missing one is nil.
struct ManifestLayer: Equatable, Sendable {
  var settings: [FieldPath: Placed<Setting>] = [:]
  /// The groups and items that discard everything that earlier layers say about them.
  var cleared: Set<FieldPath> = []
  var suspend: Placed<SuspendSetting>?
  var disruption: Placed<Disruption>?
  var shrink: Placed<ShrinkPolicy>?
  var restartTimeout: Placed<UInt64>?
  var restartForce: Placed<Bool>?
  /// The place of `policy.restart`.
  var restart: SourcePosition?

  /// Merges a later layer into this one; its settings override those of this one, field by field.
  mutating func merge(_ later: ManifestLayer) {
    if !later.cleared.isEmpty {
      settings = settings.filter { !$0.key.groups.contains(where: later.cleared.contains) }
      cleared.formUnion(later.cleared)
    }
    settings.merge(later.settings) { $0.overridden(by: $1) }
    suspend = later.suspend ?? suspend
    disruption = later.disruption ?? disruption
    shrink = later.shrink ?? shrink
    restartTimeout = later.restartTimeout ?? restartTimeout
    restartForce = later.restartForce ?? restartForce
    restart = later.restart ?? restart
  }

  /// The policy; a value that the layer does not set is the default.
  var policy: Policy {
    var policy = Policy()
    policy.disruption = disruption?.value ?? policy.disruption
    policy.shrink = shrink?.value ?? policy.shrink
    policy.restart.timeoutSeconds = restartTimeout?.value ?? policy.restart.timeoutSeconds
    policy.restart.force = restartForce?.value ?? policy.restart.force
    return policy
  }
}

/// The fields that a layer manages.
struct ManagedFields {
  /// The values of the fields; items are sorted by number or by name.
  private(set) var configuration = MemoryConfiguration()
  /// The place of each value.
  private(set) var sources: [FieldPath: SourcePosition] = [:]

  /// Collects the values that a layer manages.
  init(_ layer: ManifestLayer) {
    var items: [FieldPath: [(path: FieldPath, value: FieldValue)]] = [:]
    sources.reserveCapacity(layer.settings.count)
    for (path, setting) in layer.settings {
      guard let value = setting.value?.fieldValue else { continue }
      sources[path] = setting.position
      if let item = path.ofItem {
        items[item, default: []].append((path, value))
      } else {
        configuration[path] = value
      }
    }
    for (_, fields) in items.sorted(by: { Self.isInOrder($0.key, $1.key) }) {
      // In the whole configuration, each assignment would have to search for its item.
      var item = MemoryConfiguration()
      for field in fields { item[field.path] = field.value }
      configuration.cells += item.cells
      configuration.numatune.memnodes += item.numatune.memnodes
      configuration.devices += item.devices
    }
  }

  private static func isInOrder(_ left: FieldPath, _ right: FieldPath) -> Bool {
    let (leftItem, rightItem) = (left.item ?? "", right.item ?? "")
    guard left.name == right.name else { return left.name.text < right.name.text }
    guard left.name != .device, let number = UInt32(leftItem), let other = UInt32(rightItem) else {
      return leftItem < rightItem
    }
    return number < other
  }
}
