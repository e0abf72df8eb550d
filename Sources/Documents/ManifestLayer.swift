// SPDX-License-Identifier: Apache-2.0

internal import MemoryModel

/// A value with the place where it stands; no value where a mistake stands there.
struct Placed<Value: Sendable>: Sendable {
  let value: Value?
  let position: SourcePosition
}

/// What a document says of a field.
enum Setting: Sendable {
  /// The field is to have this value.
  case value(FieldValue)
  /// The field is to stay within these bounds, one of which another layer may say.
  case bounds(min: Placed<MemorySize>?, max: Placed<MemorySize>?)
  /// The field is not managed, whatever earlier layers say.
  case unmanaged
}

extension Setting {
  /// The value to manage; nil where the field is not managed, or its bounds make no range.
  var fieldValue: FieldValue? {
    switch self {
    case .value(let value): return value
    case .unmanaged: return nil
    case .bounds(let min, let max):
      guard let low = min?.value, let high = max?.value, low <= high else { return nil }
      return .sizeRange(low...high)
    }
  }
}

/// What a Profile or a Domain says of memory and policy; what it says nothing of is nil.
struct ManifestLayer: Sendable {
  var settings: [FieldPath: Placed<Setting>] = [:]
  /// Groups and items of which nothing that earlier layers say is left.
  var cleared: [FieldPath] = []
  var isSuspended: Placed<Bool>?
  var disruption: Placed<Disruption>?
  var shrink: Placed<ShrinkPolicy>?
  var restartTimeout: Placed<UInt64>?
  var restartForce: Placed<Bool>?
  /// Where `policy.restart` stands.
  var restart: SourcePosition?

  /// Puts what a later layer says over this one, field by field.
  mutating func merge(_ later: ManifestLayer) {
    for group in later.cleared { settings = settings.filter { !$0.key.isBelow(group) } }
    settings.merge(later.settings) { earlier, later in
      guard case .bounds(let min, let max)? = earlier.value,
        case .bounds(let laterMin, let laterMax)? = later.value
      else { return later }
      return Placed(
        value: .bounds(min: laterMin ?? min, max: laterMax ?? max), position: later.position)
    }
    isSuspended = later.isSuspended ?? isSuspended
    disruption = later.disruption ?? disruption
    shrink = later.shrink ?? shrink
    restartTimeout = later.restartTimeout ?? restartTimeout
    restartForce = later.restartForce ?? restartForce
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

  /// The values that are managed.
  var configuration: MemoryConfiguration {
    settings.reduce(into: MemoryConfiguration()) { configuration, setting in
      configuration[setting.key] = setting.value.value?.fieldValue
    }
  }

  /// Where the values that are managed stand.
  var sources: [FieldPath: SourcePosition] {
    settings.compactMapValues { setting in
      setting.value?.fieldValue == nil ? nil : setting.position
    }
  }
}
