// SPDX-License-Identifier: Apache-2.0

internal import MemoryModel

/// What a plan holds of a guest's memory, at the moments that a plan is about.
///
/// A plan holds the declared fields only. What it does not hold is not drawn.
struct GuestMemory: Hashable {
  /// The bars, one a moment.
  private(set) var bars: [Bar] = []
  /// What the manifest does not declare, so that it is not drawn.
  private(set) var missing: [String] = []

  init(of domain: DomainPlan, in comparison: Comparison) {
    let values = GuestValues(of: domain)
    let moments: [(ShownText, GuestValues.Moment)] =
      comparison == .drift
      ? [(comparison.now, .now), (comparison.after, .declared)]
      : [(comparison.now, .now), (comparison.after, .after), ("next start", .start)]
    for (label, moment) in moments {
      guard var bar = Self.bar(of: values, at: moment) else { continue }
      if let last = bars.indices.last, bars[last].parts == bar.parts, bars[last].ticks == bar.ticks
      {
        bars[last].label += ", " + label
      } else {
        bar.label = label
        bars.append(bar)
      }
    }
    let fields: [FieldPath] = [.memory, .currentMemory, .maxMemorySize]
    let declared = Set(domain.fields.map(\.path))
    missing = fields.filter { !declared.contains($0) }.map { "\($0)" }
    if values.devices.isEmpty { missing.append("memory devices") }
  }

  /// A bar of what is known at a moment; nil if that is nothing.
  private static func bar(of values: GuestValues, at moment: GuestValues.Moment) -> Bar? {
    var bar = Bar(label: "")
    let devices = DeviceSums(of: values, at: moment)
    let memory = values.size(.memory, at: moment)
    let current = values.size(.currentMemory, at: moment)
    if let memory, let current {
      // The balloon can give boot RAM and DIMMs.
      let reach = memory + devices.sticks
      bar.add(.ram, "RAM", min(current, reach))
      bar.add(.gap, "balloon gap", reach - current)
    } else if let current {
      bar.add(.ram, "RAM", current)
    } else {
      bar.add(.ram, "boot RAM", memory)
      bar.add(.device, "DIMMs", devices.sticks)
    }
    bar.add(.plugged, "virtio-mem requested", devices.requested)
    bar.add(.free, "virtio-mem free", devices.free)
    bar.add(.device, "other memory devices", devices.others)
    if let ceiling = values.size(.maxMemorySize, at: moment) {
      bar.ticks.append(Bar.Tick(name: "maxMemory", size: ceiling))
    }
    return bar.parts.isEmpty ? nil : bar
  }
}

/// The sizes of a guest's memory devices, by what they are.
private struct DeviceSums {
  private(set) var sticks = MemorySize.zero
  /// What virtio-mem devices were asked for.
  private(set) var requested = MemorySize.zero
  /// The rest of the sizes of virtio-mem devices.
  private(set) var free = MemorySize.zero
  /// All others, and virtio-mem devices of which the plan does not hold what they were asked for.
  private(set) var others = MemorySize.zero

  init(of values: GuestValues, at moment: GuestValues.Moment) {
    for device in values.devices {
      let size = values.size(FieldPath(.deviceSize, device), at: moment)
      let requested = values.size(FieldPath(.deviceRequested, device), at: moment)
      switch values.model(of: device) {
      case "virtio-mem":
        self.requested = self.requested + (requested ?? .zero)
        guard let size else { continue }
        if let requested { free = free + (size - requested) } else { others = others + size }
      case "dimm": sticks = sticks + (size ?? .zero)
      default: others = others + (size ?? .zero)
      }
    }
  }
}

/// The sizes that a plan holds of a domain.
struct GuestValues {
  /// A moment of a plan.
  enum Moment {
    /// What is, before any step: live where a guest runs.
    case now
    /// What is after the steps.
    case after
    /// What the next start of a guest that runs gives.
    case start
    /// What the manifest declares.
    case declared
  }

  private let fields: [FieldPath: PlannedField]
  private let changes: [Plane: [FieldPath: Change]]
  private let hasGuest: Bool
  /// The names of the memory devices, in the order of the manifest.
  let devices: [String]

  init(of domain: DomainPlan) {
    fields = Dictionary(domain.fields.map { ($0.path, $0) }) { first, _ in first }
    hasGuest = domain.state != .shutOff && domain.fields.contains { $0.live != nil }
    var changes: [Plane: [FieldPath: Change]] = [:]
    for step in domain.steps {
      for change in step.changes {
        var whole = change
        whole.from = changes[step.plane]?[change.field]?.from ?? change.from
        changes[step.plane, default: [:]][change.field] = whole
      }
    }
    self.changes = changes
    let items = (domain.fields.map(\.path) + domain.steps.flatMap { $0.changes.map(\.field) })
      .compactMap { $0.ofItem?.name == .device ? $0.item : nil }
    var seen: Set<String> = []
    devices = items.filter { seen.insert($0).inserted }
  }

  /// The size of a field; nil if it has none, or if the plan does not hold it.
  func size(_ path: FieldPath, at moment: Moment) -> MemorySize? {
    let value =
      switch moment {
      case .now: seen(path, on: hasGuest ? .live : .persistent, after: false)
      case .after: seen(path, on: hasGuest ? .live : .persistent, after: true)
      case .start: hasGuest ? seen(path, on: .persistent, after: true) : nil
      case .declared: declared(path)
      }
    if case .size(let size)? = value { return size }
    return nil
  }

  /// The model of a device; empty if the plan does not hold it.
  func model(of device: String) -> String {
    let path = FieldPath(.deviceModel, device)
    let changes = changes.values.compactMap { $0[path] }
    let values =
      [fields[path]?.live, fields[path]?.persistent, fields[path]?.desired]
      + changes.flatMap { [$0.from, $0.to] }
    for case .word(let word)? in values { return word }
    return fields[FieldPath(.deviceRequested, device)] == nil ? "" : "virtio-mem"
  }

  private func seen(_ path: FieldPath, on plane: Plane, after: Bool) -> FieldValue? {
    if let change = changes[plane]?[path] { return after ? change.to : change.from }
    return plane == .live ? fields[path]?.live : fields[path]?.persistent
  }

  /// The desired value; of a range the value that is there, or the bound that is nearer to it.
  private func declared(_ path: FieldPath) -> FieldValue? {
    guard let field = fields[path], case .sizeRange(let range) = field.desired else {
      return fields[path]?.desired
    }
    guard let now = size(path, at: .now) else { return .size(range.lowerBound) }
    return .size(min(max(now, range.lowerBound), range.upperBound))
  }
}
