// SPDX-License-Identifier: Apache-2.0
import LibvirtModel
import MemoryModel

extension Action {
  /// What the model refuses though libvirt's call accepts it, and why the model does.
  var known: [Constraint: String] {
    self == .redefine ? Self.knownOfRedefinitions : Self.knownOfCalls
  }

  private static let knownOfCalls: [Constraint: String] = [
    .noBalloonDevice: "the call has no effect",
    .guestNotRunning: "the guest does not follow before it runs again",
    .hostNodeMissing: "the domain does not start",
  ]

  private static let knownOfRedefinitions: [Constraint: String] = [
    .noBalloonDevice: "libvirt keeps settings of a device that is not there",
    .currentMemoryAboveReach: "libvirt lowers the figure",
    .tooManySlots: "the domain does not start",
    .hardLimitAboveSwap: "no call takes the limits any more",
    .hostNodeMissing: "the domain does not start",
    .virtioPmemStart: "the domain does not start",
    .hugepagesWithoutCells: "libvirt drops an entry for cell 0",
    .processorsLeftOver: "libvirt gives cell 0 other processors",
    .virtioMemBlockTooSmall: "QEMU refuses a block that is smaller than the pages behind it",
    .virtioMemBlockMultiple: "QEMU refuses a size that is no multiple of the block",
    .virtioMemWithLocked: "QEMU refuses the device",
    .deviceFieldOfOtherModel: "libvirt drops the field",
    .memoryWithSeveralCells: "which cell is anybody's guess",
    .numatuneFollowsProcessors: "libvirt has numad choose again",
    .cellNeedsMemory: "nothing is written of a cell that is not there",
  ]
}

extension Call {
  /// Whether libvirt before 9.4 would save a definition that it can't read any more, so that the
  /// call must not even be tried: the domain is gone at the daemon's next start.
  func makesDomainVanish(_ refusal: Refusal) -> Bool {
    action == .setNumaParameters && refusal.constraint == .restrictiveMemnodes
  }
}
