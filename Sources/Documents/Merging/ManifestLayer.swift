// SPDX-License-Identifier: Apache-2.0

internal import MemoryModel

/// A value with the place where it stands; no value where a mistake stands there.
struct Placed<Value: Sendable>: Sendable {
  let value: Value?
  let position: SourcePosition
}

extension Placed: Equatable where Value: Equatable {}

/// What a document says of a field.
enum Setting: Equatable, Sendable {
  /// The field is to have this value.
  case value(FieldValue)
  /// The field is to stay within these bounds, one of which an earlier layer may say, unless they
  /// are `alone`: they follow something that was no range.
  case bounds(min: Placed<MemorySize>?, max: Placed<MemorySize>?, alone: Bool = false)
  /// The field is not managed, whatever earlier layers say.
  case unmanaged
}

extension Setting {
  /// The value to manage; nil where the field is not managed, or its bounds make no range.
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
  /// What holds where a later layer says `later`: that, but for a bound that it does not say.
  func overridden(by later: Placed<Setting>) -> Placed<Setting> {
    guard case .bounds(let laterMin, let laterMax, alone: false)? = later.value else {
      return later
    }
    guard let value else {
      // Nobody knows the bound that a mistake stands in place of.
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

/// What a Profile or a Domain says of memory and policy; what it says nothing of is nil.
struct ManifestLayer: Equatable, Sendable {
  var settings: [FieldPath: Placed<Setting>] = [:]
  /// Groups and items of which nothing that earlier layers say is left.
  var cleared: Set<FieldPath> = []
  var isSuspended: Placed<Bool>?
  var disruption: Placed<Disruption>?
  var shrink: Placed<ShrinkPolicy>?
  var restartTimeout: Placed<UInt64>?
  var restartForce: Placed<Bool>?
  /// Where `policy.restart` stands.
  var restart: SourcePosition?

  /// Puts what a later layer says over this one, field by field.
  mutating func merge(_ later: ManifestLayer) {
    if !later.cleared.isEmpty {
      settings = settings.filter { !$0.key.groups.contains(where: later.cleared.contains) }
      cleared.formUnion(later.cleared)
    }
    settings.merge(later.settings) { $0.overridden(by: $1) }
    isSuspended = later.isSuspended ?? isSuspended
    disruption = later.disruption ?? disruption
    shrink = later.shrink ?? shrink
    restartTimeout = later.restartTimeout ?? restartTimeout
    restartForce = later.restartForce ?? restartForce
    restart = later.restart ?? restart
  }

  /// The policy, the default where nothing is said.
  var policy: Policy {
    var policy = Policy()
    policy.disruption = disruption?.value ?? policy.disruption
    policy.shrink = shrink?.value ?? policy.shrink
    policy.restart.timeoutSeconds = restartTimeout?.value ?? policy.restart.timeoutSeconds
    policy.restart.force = restartForce?.value ?? policy.restart.force
    return policy
  }
}

/// What a layer manages in the end.
struct ManagedFields {
  /// The values, items in the order of their numbers and names.
  private(set) var configuration = MemoryConfiguration()
  /// Where each value stands.
  private(set) var sources: [FieldPath: SourcePosition] = [:]

  /// Takes the values out of a layer that is merged.
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
      // Filled by itself: in the whole configuration every value would look for its item.
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
