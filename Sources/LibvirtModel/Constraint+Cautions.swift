// SPDX-License-Identifier: Apache-2.0

internal import MemoryModel

/// What a definition that is accepted may still not do as hoped.
extension Constraint {
  /// Nothing to drop.
  public static let discardWithoutFile = Constraint(
    "discard-without-file", .warns,
    about: [.any(.discard), .any(.cellDiscard), .any(.deviceDiscard)],
    "discard means something for files alone",
    fact: """
      QEMU drops the contents of memory at the end only where a file backs it; elsewhere libvirt \
      takes the setting and nothing comes of it.
      """,
    remedy: "Declare `memoryBacking.source: file`, or take `discard` out.")

  /// Another program.
  public static let numatuneAutoNeedsNumad = Constraint(
    "numatune-auto-needs-numad", .warns, about: [.any(.numatunePlacement)],
    "the domain starts only where the host has numad",
    fact: """
      With placement auto libvirt asks numad when the domain starts, and does not start it without \
      an answer.
      """,
    remedy: "Install numad on the host.")

  /// Given back in vain.
  public static let hugepagesWithBalloon = Constraint(
    "hugepages-with-balloon", .warns, about: [.any(.hugepages), .any(.currentMemory)],
    "a balloon gives no huge pages back",
    fact: """
      A balloon takes single pages from the guest; the huge pages behind them stay with the \
      domain.
      """,
    remedy: "Leave `currentMemory` at the reach, or use virtio-mem.")

  /// Pinned.
  public static let hostDevicesWithBalloon = Constraint(
    "host-devices-with-balloon", .warns, about: [.any(.currentMemory)],
    "the host gets nothing back from this balloon",
    fact: """
      A host device (VFIO) has all of the guest's memory pinned: the balloon takes memory from the \
      guest, and QEMU does not release it.
      """,
    remedy: "Leave `currentMemory` at the reach.")

  /// More to lock.
  public static let hotplugAgainstHardLimit = Constraint(
    "hotplug-against-hard-limit", .warns, about: [.any(.deviceState), .any(.deviceSize)],
    "plugging memory sets the lock limit anew",
    fact: """
      Where memory is locked or a host device is there, libvirt sets QEMU's lock limit anew when \
      memory is plugged: to hardLimit where one is set, and one below the new total refuses the \
      device.
      """,
    remedy: "Raise hardLimit well above the new total first.")

  /// Accepted, and perhaps never started.
  public static let hugepageSizeUnknown = Constraint(
    "hugepage-size-unknown", .warns, about: [.any(.hugepages), .any(.devicePageSize)],
    "the host does not say that it has pages of that size",
    fact: "libvirt accepts pages of any size, and the domain then does not start without them.",
    remedy: "Ask for a size that `virsh capabilities` lists.")

  /// Known to the host alone.
  public static let sgxNeedsHost = Constraint(
    "sgx-needs-host-support", .warns, about: [.any(.deviceModel), .any(.deviceState)],
    "an sgx-epc device needs a host and a QEMU with SGX",
    fact: """
      libvirt refuses the definition where the processor or QEMU has no SGX. Its domain \
      capabilities tell, and are not read here.
      """,
    remedy: "Look for `<sgx supported='yes'>` in `virsh domcapabilities`.")

  static let ofCautions = [
    discardWithoutFile, numatuneAutoNeedsNumad, hugepagesWithBalloon, hostDevicesWithBalloon,
    hotplugAgainstHardLimit, hugepageSizeUnknown, sgxNeedsHost,
  ]
}
