// SPDX-License-Identifier: Apache-2.0

internal import LibvirtModel
internal import MemoryModel

/// Fields that add up are planned together or not at all: cells and their processors, RAM and
/// devices, a pair of limits.
///
/// A manifest that moves memory from one part of a guest to another lowers one and raises the
/// other. If the raise is blocked, the other change alone would only make the guest smaller.
extension DomainPlanner {
  /// The refusal of fields that `draft` would change although a field that they add up with is
  /// blocked; nil if there are none.
  func refusalOfParts(_ draft: Draft) -> Refusal? {
    guard !blocked.isEmpty else { return nil }
    let waiting = managed.filter { blocked[$0] != nil && differs($0, in: draft.normalised) }
    guard !waiting.isEmpty else { return nil }
    let changing = Set(
      draft.operations.flatMap(\.changes.changedFields))
    for field in waiting {
      // A cell's processors depend on those of other cells, so a cell can differ without a step.
      let partners = managed.filter { other in
        blocked[other] == nil && isPart(other, with: field)
          && (changing.contains(other)
            || (other.name.isOfLayout && differs(other, in: normalised, on: .persistent)))
      }
      guard !partners.isEmpty else { continue }
      return Refusal(
        .counterpartBlocked, partners,
        instance: "waits for \(field), which is blocked",
        remedy: Self.remedy(forWaitingFor: field))
    }
    return nil
  }

  /// Whether `field` must not change while `other` is blocked.
  private func isPart(_ field: FieldPath, with other: FieldPath) -> Bool {
    if other.name.isOfLayout && (field.name.isOfLayout || field == .memory) { return true }
    if other == .hardLimit || other == .swapHardLimit {
      return field == .hardLimit || field == .swapHardLimit
    }
    guard moves(other) == .up, moves(field) == .down else { return false }
    // The host's reserve blocks growth only; fields that give memory back to the host may change.
    if blocked[other]?.rule.meaning == .hostExhausted { return !field.name.givesBackLive }
    return field != .currentMemory || other.name.state == .deviceState
  }

  private enum Direction { case up, down }

  /// Whether the desired value raises or lowers a part of the guest's memory; nil if neither.
  private func moves(_ field: FieldPath) -> Direction? {
    switch field.name {
    case .memory, .currentMemory, .cellMemory, .cellState, .deviceSize, .deviceRequested,
      .deviceState, .deviceModel:
      guard isRAM(field) else { return nil }
    default: return nil
    }
    for plane in [Plane.persistent, .live] {
      guard let definition = normalised[plane], differs(field, in: normalised, on: plane) else {
        continue
      }
      let observed = definition.observedValue(of: field)
      switch (desired.configuration[field], observed) {
      case (.size(let declared)?, .size(let size)?): return declared < size ? .down : .up
      case (.sizeRange(let range)?, .size(let size)?): return range.upperBound < size ? .down : .up
      case (ItemState.absent.fieldValue?, _): return .down
      case (_?, nil), (_?, ItemState.absent.fieldValue?): return .up
      default: continue
      }
    }
    return nil
  }
}

extension DomainPlanner {
  /// Whether the field is about guest RAM, which nvdimm, virtio-pmem and SGX devices are not.
  private func isRAM(_ field: FieldPath) -> Bool {
    guard field.name.state == .deviceState, let item = field.item else { return true }
    let observed = [normalised[.persistent], normalised[.live]].compactMap(\.self)
    let devices = ([desired.configuration] + observed).flatMap(\.devices)
    switch devices.first(where: { $0.hasKey(item) && $0.model != nil })?.model {
    case .nvdimm, .virtioPmem, .sgxEpc: return false
    case .dimm, .virtioMem, nil: return true
    }
  }
}

extension FieldName {
  /// Whether the field determines which memory and which processors are in which cell.
  fileprivate var isOfLayout: Bool {
    switch self {
    case .numa, .cellState, .cellCPUs, .cellMemory: true
    default: false
    }
  }

  /// Whether lowering the field gives host memory back while the guest runs.
  fileprivate var givesBackLive: Bool {
    switch self {
    case .currentMemory, .deviceRequested, .deviceState: true
    default: false
    }
  }
}
