// SPDX-License-Identifier: Apache-2.0

internal import LibvirtModel
internal import MemoryModel

/// The calls that would bring one definition to what is desired, the model not yet asked.
struct Proposals {
  /// What is desired; a leaf that is nil is left alone.
  private let desired: MemoryConfiguration
  private let plane: Plane
  private let definition: MemoryConfiguration
  /// The fields that are desired and not as desired.
  private let differing: [FieldPath]
  /// The fields that only a redefinition changes.
  private let redefined: Set<FieldPath>

  /// The fields that no other call changes.
  private static let withoutCall: Set<FieldPath> = [.maxMemory, .maxMemorySize, .maxMemorySlots]

  /// Makes the proposals for a normalised definition.
  ///
  /// `redefining` are fields whose own call was refused where a redefinition is not.
  init(
    _ desired: MemoryConfiguration, for definition: MemoryConfiguration, on plane: Plane,
    behaviour: HypervisorBehaviour, redefining: Set<FieldPath>
  ) {
    redefined = Self.withoutCall.union(redefining)
    self.desired = desired
    self.plane = plane
    self.definition = definition
    differing = desired.declaredFields.filter { field in
      guard let value = desired[field] else { return false }
      return !behaviour.satisfies(value, definition[field], field: field, on: plane)
    }
  }

  private func differs(_ field: FieldPath) -> Bool {
    differing.contains(field)
  }

  /// Every call that a difference asks for, each with all that it writes.
  var calls: [Call] {
    guard !differing.isEmpty else { return [] }
    guard !differing.contains(where: redefined.contains) else { return redefinitions }
    return [memory, currentMemory, limits, single(.softLimit), single(.minGuarantee), statsPeriod]
      .compactMap(\.self)
  }

  private func call(_ action: Action, _ changes: [Change]) -> Call {
    Call(action, on: plane, changes: changes)
  }

  private func change(_ field: FieldPath) -> Change {
    Change(field: field, from: definition[field], to: target(of: field))
  }

  /// What a call makes of `field`: as desired where it is not so, of a range the nearest bound.
  private func target(of field: FieldPath) -> FieldValue? {
    guard differs(field) else { return definition[field] }
    guard field == .currentMemory, let target = desired.currentMemory,
      case .exactly(let size)? = definition.currentMemory
    else { return desired[field] }
    return .size(target.nearest(to: size))
  }

  /// One redefinition with all that is persistent.
  ///
  /// What runs can't be redefined: what only that could change is a call by itself, so that its
  /// refusal holds nothing else back.
  private var redefinitions: [Call] {
    guard plane == .live else {
      let changed = differing.filter { $0 != .currentMemory || !goesWithMemory }
      return [call(.redefine, changed.map(change))]
    }
    return [call(.redefine, differing.filter(redefined.contains).map(change))]
  }

  /// Whether currentMemory follows memory by itself: without a balloon it can do nothing else.
  private var goesWithMemory: Bool {
    definition.memballoon.isRuledOut && differs(.memory)
  }

  private var memory: Call? {
    differs(.memory) ? call(.setMaxMemory, [change(.memory)]) : nil
  }

  private var currentMemory: Call? {
    differs(.currentMemory) && !goesWithMemory
      ? call(.setMemory, [change(.currentMemory)]) : nil
  }

  /// hard_limit and swap_hard_limit, which libvirt compares with each other.
  ///
  /// A partner that is missing from a persistent call is compared as the *live* definition has it,
  /// so there both are always sent. Live, writing a swap limit of `unlimited` fails on a host
  /// without swap accounting, so it goes along only where there is a swap limit to speak of.
  private var limits: Call? {
    guard differs(.hardLimit) || differs(.swapHardLimit) else { return nil }
    let hasSwapLimit =
      definition.memtune.swapHardLimit != .unlimited
      || (desired.memtune.swapHardLimit ?? .unlimited) != .unlimited
    let both = plane == .persistent || hasSwapLimit
    return call(
      .setMemoryParameters, [change(.hardLimit)] + (both ? [change(.swapHardLimit)] : []))
  }

  private func single(_ field: FieldPath) -> Call? {
    differs(field) ? call(.setMemoryParameters, [change(field)]) : nil
  }

  private var statsPeriod: Call? {
    differs(.statsPeriod) ? call(.setMemoryStatsPeriod, [change(.statsPeriod)]) : nil
  }
}
