// SPDX-License-Identifier: Apache-2.0

internal import YAML
internal import MemoryModel

/// Reads the policy of a Profile or a Domain.
extension ManifestDecoder {
  /// Reads `policy` into `layer`.
  mutating func readPolicy(_ node: YAMLNode, into layer: inout ManifestLayer) {
    let keys = ["disruption", "shrink", "restart"]
    guard let policy = object(node, named: "policy", keys: keys) else { return }
    layer.disruption = placed("disruption", in: policy) {
      $0.choice($1, named: "policy.disruption", of: Disruption.self)
    }
    layer.shrink = placed("shrink", in: policy) {
      $0.choice($1, named: "policy.shrink", of: ShrinkPolicy.self)
    }
    guard let node = policy["restart"] else { return }
    readRestart(node, into: &layer)
    if let disruption = layer.disruption?.value, disruption != .restart {
      reportRestart(at: node.place, disruption)
      layer.restart = nil
    }
  }

  private mutating func readRestart(_ node: YAMLNode, into layer: inout ManifestLayer) {
    let keys = ["timeout", "force"]
    guard let restart = object(node, named: "policy.restart", keys: keys) else { return }
    layer.restart = position(node.place)
    layer.restartTimeout = placed("timeout", in: restart) { $0.timeout($1) }
    layer.restartForce = placed("force", in: restart) {
      $0.boolean($1, named: "policy.restart.force")
    }
  }

  private mutating func timeout(_ node: YAMLNode) -> UInt64? {
    guard let seconds = duration(node, named: "policy.restart.timeout") else { return nil }
    guard seconds == 0 else { return seconds }
    report(
      .invalidDuration, at: node.place, "policy.restart.timeout can't be zero",
      why: "It is the time that a guest has to power off.", remedy: "Write one such as 10m.")
    return nil
  }

  private mutating func reportRestart(at place: YAMLPlace, _ disruption: Disruption) {
    report(
      .restartNotAllowed, at: place, "policy.restart without disruption: restart",
      why: "With disruption: \(disruption.rawValue) nothing is ever restarted.",
      remedy: "Set disruption: restart, or remove restart.")
  }
}
