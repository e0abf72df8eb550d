// SPDX-License-Identifier: Apache-2.0

internal import MemoryModel

/// Finds values of one domain that contradict each other, after its layers are merged.
///
/// The values may come from different layers.
struct ManifestContradictions {
  /// The mistakes found so far; each appears once, even if several domains inherit it.
  private(set) var mistakes: [Diagnostic] = []
  private var seen: Set<Finding> = []

  private struct Finding: Hashable {
    let rule: Rule
    let places: [SourcePosition]
  }

  /// Checks a merged layer.
  ///
  /// An incomplete layer may get a missing value from another layer.
  mutating func check(_ layer: ManifestLayer, _ managed: ManagedFields, isComplete: Bool) {
    checkBounds(layer, areComplete: isComplete)
    checkLimits(managed)
    checkBalloon(managed)
    checkNUMA(managed)
    for device in managed.configuration.devices where device.state != .absent {
      // The other values of a device that should be absent only identify it.
      checkDevice(device, layer)
    }
  }

  /// Adds a mistake once, at the first of `places`.
  ///
  /// `places` are the places of all values that contradict each other.
  mutating func report(
    _ rule: Rule, at places: [SourcePosition], field: FieldPath, _ summary: String,
    why detail: String, remedy: String
  ) {
    guard seen.insert(Finding(rule: rule, places: places)).inserted else { return }
    mistakes.append(
      Diagnostic(
        .error, rule: rule, field: field, summary: summary, detail: detail,
        remedy: remedy, source: places.first))
  }

  private mutating func checkLimits(_ managed: ManagedFields) {
    guard case .limits(let hard, let swap)? = managed.configuration.memtune.contradiction,
      let place = managed.sources[.hardLimit], let other = managed.sources[.swapHardLimit]
    else { return }
    report(
      .limitsContradict, at: [place, other], field: .hardLimit,
      "memtune.hardLimit \(hard.fieldValue) is above memtune.swapHardLimit \(swap.fieldValue)",
      why: "libvirt's call refuses a hardLimit above the swapHardLimit, which stands at \(other); "
        + "it does so with cgroup v2 too, where swapHardLimit bounds swap alone.",
      remedy: "Raise swapHardLimit, lower hardLimit, or take swapHardLimit out.")
  }

  private mutating func checkBounds(_ layer: ManifestLayer, areComplete: Bool) {
    let ranges = layer.settings.filter {
      if case .bounds? = $0.value.value { true } else { false }
    }
    guard !ranges.isEmpty else { return }
    for (path, setting) in ranges.sorted(by: { $0.key < $1.key }) {
      guard case .bounds(let min, let max, _)? = setting.value else { continue }
      guard let low = min, let high = max else {
        guard areComplete else { continue }
        let key = min == nil ? "min" : "max"
        report(
          .missingField, at: [setting.position], field: path, "\(path.shown).\(key) is missing",
          why: "Neither this range nor the profiles before it have it.", remedy: "Add \(key) here.")
        continue
      }
      guard let least = low.value, let most = high.value, least > most else { continue }
      report(
        .invalidRange, at: [low.position, high.position], field: path,
        "\(path.shown): min \(least) is above max \(most)",
        why: "No size lies between them; max stands at \(high.position).",
        remedy: "Swap the two, or mend the one that is wrong.")
    }
  }

  private mutating func checkBalloon(_ managed: ManagedFields) {
    guard
      case .settingsWithoutBalloon(let names)? = managed.configuration.contradictionOfBalloon,
      let place = managed.sources[FieldPath(.balloonModel)]
    else { return }
    let settings = names.compactMap { name in
      managed.sources[FieldPath(name)].map { (name: name, position: $0) }
    }
    guard !settings.isEmpty else { return }
    let places = settings.map { "\($0.name.text) at \($0.position)" }
    report(
      .noBalloon, at: [place] + settings.map(\.position), field: FieldPath(.balloonModel),
      "memballoon.model is none, and \(settings.map(\.name.text).joined(separator: ", ")) "
        + "\(settings.count == 1 ? "needs" : "need") a balloon",
      why: "Without the device there is nothing to set: \(places.joined(separator: ", ")).",
      remedy: "Write unmanaged for \(settings.count == 1 ? "it" : "them") here, or a model such as "
        + "virtio.")
  }
}
