// SPDX-License-Identifier: Apache-2.0

import MemoryModel

extension ObservedDomain {
  /// A running QEMU guest with 8 GiB of RAM and a balloon.
  ///
  /// `current` is the balloon's target. If `holding` is given, fresh statistics say that the guest
  /// holds so much. `change` completes both definitions.
  static func guest(
    _ name: String, _ memory: MemorySize = .gibibytes(8), current: MemorySize? = nil,
    holding: MemorySize? = nil, change: (inout MemoryConfiguration) -> Void = { _ in }
  ) -> ObservedDomain {
    let target = current ?? memory
    var definition = MemoryConfiguration()
    definition.memory = memory
    definition.currentMemory = .exactly(target)
    definition.memballoon.model = .virtio
    if holding != nil { definition.memballoon.statsPeriod = StatisticsPeriod(seconds: 10) }
    change(&definition)
    return ObservedDomain(
      name: name, uuid: uuid(of: name), state: .running, isActive: true, isPersistent: true,
      live: definition, persistent: definition,
      statistics: holding.map {
        BalloonStatistics(actual: target, usable: target - $0, ageSeconds: 2)
      }, architecture: "x86_64")
  }

  /// The domain after `change`.
  func with(_ change: (inout ObservedDomain) -> Void) -> ObservedDomain {
    var domain = self
    change(&domain)
    return domain
  }

  /// A UUID that depends on nothing but the name.
  private static func uuid(of name: String) -> String {
    let hash = name.utf8.reduce(UInt64(7)) { ($0 &* 31 &+ UInt64($1)) % 1_000_000_000_000 }
    let digits = String(hash)
    return "6f1d2c1e-4a55-4b7e-9d7a-"
      + String(repeating: "0", count: 12 - digits.count) + digits
  }
}

/// A Domain with one field a line.
func domain(_ name: String, labels: String? = nil, _ lines: String...) -> String {
  document("Domain", labels.map { "\(name), labels: {\($0)}" } ?? name, lines)
}

/// A Host with its URI.
func host(_ name: String, _ uri: String, _ lines: String...) -> String {
  document("Host", name, ["uri: \(uri)"] + lines)
}

private func document(_ kind: String, _ name: String, _ lines: [String]) -> String {
  """
  apiVersion: virtmem.io/v1alpha1
  kind: \(kind)
  metadata: {name: \(name)}
  spec:
  \(lines.map { "  \($0)\n" }.joined())
  """
}
