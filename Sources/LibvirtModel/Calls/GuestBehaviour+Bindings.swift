// SPDX-License-Identifier: Apache-2.0

internal import MemoryModel

/// Changes of the host NUMA nodes of a guest's RAM without a redefinition.
extension GuestBehaviour {
  /// Models `virDomainSetNumaParameters`.
  ///
  /// Live it changes only the nodeset, and except on the test driver only in the mode
  /// `restrictive`.
  func setNumaParameters(
    _ call: Call, of domain: ObservedDomain, in definition: inout MemoryConfiguration
  ) throws(Refusal) {
    let before = definition
    // The call has parameters for mode and nodeset only.
    let beyond = call.changed.filter { $0.name != .numatuneMode && $0.name != .numatuneNodeset }
    guard beyond.isEmpty else { throw Refusal(.numatuneNeedsRedefinition, beyond) }
    guard !call.changes.contains(where: { $0.to == nil }) else {
      throw Refusal(.numatuneNeedsRedefinition, call.changed)
    }
    if call.plane == .live { try checkLiveBinding(call, in: definition) }
    definition.make(call.changes)
    try checkDefinition(definition, before: before, by: call)
  }

  private func checkLiveBinding(
    _ call: Call, in definition: MemoryConfiguration
  ) throws(Refusal) {
    let binding = definition.numatune.memory
    guard !isSession || driver != .qemu else {
      throw Refusal(.numatuneSessionMode, call.changed)
    }
    // libvirt would record a first live nodeset as strict and could never change it again.
    guard !binding.isEmpty else { throw Refusal(.numatuneLiveNeedsNumatune, call.changed) }
    let mode = FieldPath(.numatuneMode)
    if let asked = call.target(of: mode), asked != definition[mode] {
      throw Refusal(.numatuneModeNeverLive, [mode])
    }
    guard binding.mode == .restrictive || driver == .test else {
      throw Refusal(
        .numatuneLiveRestrictiveOnly, [FieldPath(.numatuneNodeset)],
        instance:
          "the live mode is \(binding.mode?.rawValue ?? "strict"), and only restrictive can be moved"
      )
    }
  }
}
