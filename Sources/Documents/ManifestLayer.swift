// SPDX-License-Identifier: Apache-2.0

internal import MemoryModel

/// A value with the place where it stands; no value where a mistake stands there.
struct Placed<Value> {
  let value: Value?
  let position: SourcePosition
}

/// What a document says of a field.
enum Setting {
  /// The field is to have this value.
  case value(FieldValue)
  /// The field is not managed, whatever earlier layers say.
  case unmanaged
}

/// What a Profile or a Domain says of memory and policy; what it says nothing of is nil.
struct ManifestLayer {
  var settings: [FieldPath: Placed<Setting>] = [:]
  var isSuspended: Placed<Bool>?
  var disruption: Placed<Disruption>?
  var shrink: Placed<ShrinkPolicy>?
  var restartTimeout: Placed<UInt64>?
  var restartForce: Placed<Bool>?
  /// Where `policy.restart` stands.
  var restart: SourcePosition?

  /// Puts what a later layer says over this one, field by field.
  mutating func merge(_ later: ManifestLayer) {
    settings.merge(later.settings) { $1 }
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
      if case .value(let value) = setting.value.value { configuration[setting.key] = value }
    }
  }

  /// Where the values that are managed stand.
  var sources: [FieldPath: SourcePosition] {
    settings.compactMapValues { setting in
      guard case .value = setting.value else { return nil }
      return setting.position
    }
  }
}
