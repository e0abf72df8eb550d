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

  /// Makes the proposals for a normalised definition.
  init(
    _ desired: MemoryConfiguration, for definition: MemoryConfiguration, on plane: Plane,
    behaviour: HypervisorBehaviour
  ) {
    self.desired = desired
    self.plane = plane
    self.definition = definition
    differing = Field.all.filter { field in
      guard let value = field.value(in: desired) else { return false }
      return !behaviour.satisfies(
        value, field.value(in: definition), field: field.path, on: plane)
    }.map(\.path)
  }

  private func differs(_ field: FieldPath) -> Bool {
    differing.contains(field)
  }

  /// Every call that a difference asks for, each with all that it writes.
  var calls: [Call] {
    guard !differing.isEmpty else { return [] }
    return [memory, currentMemory, limits, single(.softLimit), single(.minGuarantee), statsPeriod]
      .compactMap(\.self)
  }

  private func call(_ action: Action, _ changes: [Change]) -> Call {
    Call(action, on: plane, changes: changes)
  }

  private func change(_ field: FieldPath) -> Change {
    Change(
      field: field, from: definition[field],
      to: differs(field) ? desired[field] : definition[field])
  }

  private var memory: Call? {
    differs(.memory) ? call(.setMaxMemory, [change(.memory)]) : nil
  }

  private var currentMemory: Call? {
    guard differs(.currentMemory), let target = desired.currentMemory,
      case .exactly(let size)? = definition.currentMemory,
      // Without a balloon the figure goes with memory, and with nothing else.
      !(definition.memballoon.isRuledOut && differs(.memory))
    else { return nil }
    let change = Change(
      field: .currentMemory, from: .size(size), to: .size(target.nearest(to: size)))
    return call(.setMemory, [change])
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
