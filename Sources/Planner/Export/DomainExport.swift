// SPDX-License-Identifier: Apache-2.0

internal import LibvirtModel
package import MemoryModel

/// Builds the manifest of a domain as it is, so that a plan of it has no steps.
///
/// It contains only what is set: nothing that equals absence, and nothing that libvirt fills in.
/// Where the two definitions differ, a field that only a start changes has its persistent value, a
/// field that the guest moves has a range, and every other field is left to a remark.
package struct DomainExport: Sendable {
  let behaviour: GuestBehaviour
  private let selection: FieldSelection?
  var live: MemoryConfiguration?
  var persistent: MemoryConfiguration?
  var result: ExportedDomain

  /// Exports `domain` of `host`; `hostName` is the name of its Host, if one is declared.
  ///
  /// Only `fields` are exported; nil means all.
  package static func export(
    _ domain: ObservedDomain, on host: ObservedHost, hostName: String? = nil,
    fields: FieldSelection? = nil
  ) -> ExportedDomain {
    var export = DomainExport(domain, on: host, hostName, fields)
    export.run()
    return export.result
  }

  private init(
    _ domain: ObservedDomain, on host: ObservedHost, _ hostName: String?, _ fields: FieldSelection?
  ) {
    behaviour = GuestBehaviour(of: domain, on: host)
    selection = fields
    let normalised = behaviour.normalised(domain)
    live = normalised[.live]
    persistent = normalised[.persistent]
    result = ExportedDomain(name: domain.name, host: hostName)
  }

  private mutating func run() {
    let unpaired = nameDevices()
    guard let base = persistent ?? live else { return }
    var paths = base.declaredFields
    let known = Set(paths)
    paths += live?.declaredFields.filter { !known.contains($0) } ?? []
    for path in paths where !isImplied(path) && isSelected(path) {
      guard path.name.state != .deviceState || !unpaired.contains(path.item ?? "") else {
        continue
      }
      guard let value = value(of: path) else { continue }
      if let reason = unsayable(value, path) ?? unfinished(path) {
        remark(path, reason)
      } else if value != Field.named(path)?.valueOfAbsence && value != .absence {
        result.configuration[path] = value
      }
    }
    dropUnsayable(base)
  }

  mutating func remark(_ path: FieldPath, _ text: String) {
    result.remarks.append(ExportedDomain.Remark(path, text))
  }

  private func isSelected(_ path: FieldPath) -> Bool {
    guard let selection, !selection.contains(path) else { return true }
    // Only these fields identify a device without an alias, so they go along with its other fields.
    guard let item = path.item, path.name.isIdentity else { return false }
    let device = (persistent ?? live)?.devices.first { $0.hasKey(item) }
    return device?.alias == nil && selection.reaches(device: item)
  }

  /// Whether other fields imply the field, or libvirt sets it by itself.
  private func isImplied(_ path: FieldPath) -> Bool {
    guard let base = persistent ?? live else { return true }
    switch path.name {
    case .maxMemory, .numa, .numatune, .numatuneMemory, .memnodes, .allocation: return true
    case .numatunePlacement: return base.numatune.memory.placement == .static
    case .balloonModel: return base.memballoon.model == behaviour.balloonOfAbsence(in: base)
    case .autodeflate, .freePageReporting, .statsPeriod: return base.memballoon.isRuledOut
    case .currentMemory:
      return [live, persistent].contains { $0?.memballoon.isRuledOut == true }
    case .memory: return !base.cells.isEmpty && !saysMemory(of: base)
    default: return path.name.isState
    }
  }

  /// Whether `memory` is exported for a guest with cells: only if the user asks for it by name and
  /// both definitions agree.
  private func saysMemory(of base: MemoryConfiguration) -> Bool {
    guard let selection, selection.contains(.memory), let memory = base.memory else { return false }
    guard let observed = live?.memory else { return true }
    return behaviour.satisfies(.size(memory), .size(observed), field: .memory, on: .live)
  }

  /// The value to export for a field; nil for none.
  private mutating func value(of path: FieldPath) -> FieldValue? {
    if path.name == .deviceRequested, let range = rangeOnTheWay(path) { return range }
    guard let live, let persistent else { return (persistent ?? live)?[path] }
    let (now, next) = (live[path], persistent[path])
    if path.name.isLeftToStart(live, behaviour.driver) { return next }
    switch (now, next) {
    case (.size(.zero)?, nil): return nil
    case (let now, let next?) where behaviour.satisfies(next, now, field: path, on: .live):
      return next
    case (.size(let now)?, .size(let next)?) where path.name.isMovedByGuest:
      return .sizeRange(min(now, next)...max(now, next))
    // libvirt chose this address at the start, so only the live definition has it.
    case (_?, nil) where path.name == .deviceAddress: return nil
    default:
      let words = { (value: FieldValue?) in value.map(\.description) ?? "not set" }
      remark(
        path, "differs and is left out: live it is \(words(now)), persistent \(words(next))")
      return nil
    }
  }

  /// The range to export while the guest is still on its way to a requested size; else nil.
  private func rangeOnTheWay(_ path: FieldPath) -> FieldValue? {
    let device = live?.devices.first { $0.key == path.item }
    guard let plugged = device?.plugged, case .size(let now)? = live?[path], plugged != now
    else { return nil }
    var sizes = [plugged, now]
    if let persistent {
      guard case .size(let next)? = persistent[path] else { return nil }
      sizes.append(next)
    }
    return .sizeRange((sizes.min() ?? now)...(sizes.max() ?? now))
  }

  /// Why a manifest can't express `value`; nil if it can.
  private func unsayable(_ value: FieldValue, _ path: FieldPath) -> String? {
    let takesZero = path.name == .cellMemory || path.name == .deviceRequested
    switch value {
    case .size(.zero) where !takesZero && path.name != .minGuarantee:
      return "is 0, which a manifest can't say"
    case .sizeRange(let range) where range.lowerBound == .zero && !takesZero:
      return "is 0 on one definition and \(range.upperBound) on the other, which no range can say"
    case .word(let text) where path.name == .devicePath && !Self.isText(text):
      return "is a text that a manifest can't say"
    default: return nil
    }
  }

  /// Why a requested size that the guest has not reached yet is left out; nil if it is reached.
  private func unfinished(_ path: FieldPath) -> String? {
    guard path.name == .deviceRequested,
      let device = live?.devices.first(where: { $0.name == path.item }),
      case .exactly(let requested)? = device.requested, let plugged = device.plugged,
      plugged != requested
    else { return nil }
    return "is left out: the guest has plugged \(plugged) of the requested \(requested)"
  }

  private static func isText(_ text: String) -> Bool {
    !text.isEmpty && text != "unmanaged"
      && !text.unicodeScalars.contains { $0.properties.generalCategory == .control }
  }

  /// Removes values that a manifest can't express together.
  private mutating func dropUnsayable(_ base: MemoryConfiguration) {
    let memtune = result.configuration.memtune
    if let hard = memtune.hardLimit, let swap = memtune.swapHardLimit, hard > swap {
      result.configuration.memtune.swapHardLimit = nil
      remark(
        .swapHardLimit,
        "is left out: it is \(swap.fieldValue), below hardLimit, which a manifest can't say")
    }
    for device in base.devices {
      guard case .exactly(let requested)? = device.requested, requested > device.fullSize,
        let path = device.name.map({ FieldPath(.deviceRequested, $0) }),
        result.configuration[path] != nil
      else { continue }
      result.configuration[path] = nil
      remark(path, "is left out: it is \(requested), above the device's size")
    }
  }
}
