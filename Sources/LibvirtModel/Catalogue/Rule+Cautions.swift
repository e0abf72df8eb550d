// SPDX-License-Identifier: Apache-2.0

package import MemoryModel

/// Warnings about definitions that libvirt accepts but that may not work as the user expects.
///
/// Conditions: GuestBehaviour+Cautions.swift.
extension Rule {
  package static let discardWithoutFile = Rule(
    "discard-without-file", .warns,
    about: [.any(.discard), .any(.cellDiscard), .any(.deviceDiscard)],
    "discard means something for files alone",
    fact: """
      QEMU drops the contents of memory at the end only where a file backs it. Elsewhere libvirt \
      takes the setting and it has no effect. A file backs memory with `source: file`, with huge \
      pages, and with any `access`, unless `source` is memfd.
      """,
    remedy: "Declare `memoryBacking.source: file`, or take `discard` out.")

  package static let accessMakesFile = Rule(
    "access-makes-file", .warns,
    about: [.any(.access), .any(.source), .any(.cellAccess), .any(.deviceAccess)],
    "the guest's memory becomes a file, mostly on a disk",
    fact: """
      With `access` and without `source: memfd`, with `source: anonymous` too, libvirt puts the \
      memory into a file in the folder memory_backing_dir of qemu.conf, \
      /var/lib/libvirt/qemu/ram by default. On a disk the guest is slow and the disk fills up.
      """,
    remedy: "Declare `memoryBacking.source: memfd`.")

  package static let numatuneAutoPlacesProcessors = Rule(
    "numatune-auto-places-processors", .warns, about: [.any(.numatunePlacement)],
    "libvirt also lets numad place the guest's processors",
    fact: """
      libvirt changes <vcpu placement> to auto where <numatune> has placement auto, unless \
      processors are pinned. It stays so when `placement` becomes static again.
      """,
    remedy: """
      Nothing has to be done, if that is right. To undo it, write <vcpu placement='static'> with \
      `virsh edit` after `placement` is static.
      """)

  package static let processorsStayPlacedByNumad = Rule(
    "processors-stay-placed-by-numad", .warns,
    about: [.any(.numatunePlacement), .any(.numatuneNodeset)],
    "numad still places the guest's processors",
    fact: "The definition has <vcpu placement='auto'>, which is not changed with <numatune>.",
    remedy: "Write <vcpu placement='static'> with `virsh edit`, if numad is not to be asked.")

  package static let restrictiveMemnodeBindsNothing = Rule(
    "restrictive-memnode-binds-nothing", .warns,
    about: [.any(.memnodeMode), .any(.memnodeState), .any(.memnodeNodeset)],
    "a restrictive binding of a cell binds nothing",
    fact: """
      In mode restrictive libvirt binds memory by the domain's cgroup alone, which does not know \
      the guest's cells. The cell's own nodeset is ignored at the start, and a later \
      `numatune.memory.nodeset` moves the memory of all cells.
      """,
    remedy: "Use mode strict for cells, or `numatune.memory` alone.")

  package static let launchSecurityKeepsMemory = Rule(
    "launch-security-keeps-memory", .warns, about: [.any(.currentMemory), .any(.deviceModel)],
    "the host gets nothing back from this guest",
    fact: """
      QEMU gives no memory of a guest with <launchSecurity> of type sev or s390-pv back to the \
      host: the guest gets less, and the host no more. By QEMU's source; not tried.
      """,
    remedy: "Leave `currentMemory` at the reach, and use DIMMs in place of virtio-mem.")

  package static let deviceAddressInMemory = Rule(
    "device-address-in-memory", .warns, about: [.any(.deviceAddress)],
    "the address may lie in the guest's RAM",
    fact: """
      QEMU puts memory devices above the RAM at boot, on x86 at 4 GiB or more, and does not start \
      with a device below.
      """,
    remedy: "Declare a higher `address`, or take it out and leave the place to QEMU.")

  package static let hugepagesRoundedUp = Rule(
    "hugepages-rounded-up", .warns,
    about: [
      .any(.hugepages), .any(.source), .memory, .any(.cellMemory), .any(.deviceSize),
      .any(.devicePageSize),
    ],
    "the memory is no multiple of its huge pages, and takes one more",
    fact: "QEMU before 10 rounds a file up to whole huge pages; newer versions do not start.",
    remedy: "Declare a multiple of the page size.")

  package static let numatuneAutoNeedsNumad = Rule(
    "numatune-auto-needs-numad", .warns, about: [.any(.numatunePlacement)],
    "the domain starts only where the host has numad",
    fact: """
      With placement auto libvirt asks numad when the domain starts, and does not start it without \
      an answer.
      """,
    remedy: "Install numad on the host.")

  package static let hugepagesWithBalloon = Rule(
    "hugepages-with-balloon", .warns, about: [.any(.hugepages), .any(.currentMemory)],
    "a balloon gives no huge pages back",
    fact: """
      A balloon takes single pages from the guest; the huge pages behind them stay with the \
      domain.
      """,
    remedy: "Leave `currentMemory` at the reach, or use virtio-mem.")

  package static let hostDevicesWithBalloon = Rule(
    "host-devices-with-balloon", .warns, about: [.any(.currentMemory)],
    "the host gets nothing back from this balloon",
    fact: """
      A host device (VFIO) has all of the guest's memory pinned: the balloon takes memory from the \
      guest, and QEMU does not release it.
      """,
    remedy: "Leave `currentMemory` at the reach.")

  package static let hotplugAgainstHardLimit = Rule(
    "hotplug-against-hard-limit", .warns, about: [.any(.deviceState), .any(.deviceSize)],
    "plugging memory sets the lock limit anew",
    fact: """
      Where memory is locked or a host device is there, libvirt sets QEMU's lock limit anew when \
      memory is plugged: to hardLimit where one is set, and one below the new total refuses the \
      device.
      """,
    remedy: "Raise hardLimit well above the new total first.")

  package static let hugepageSizeUnknown = Rule(
    "hugepage-size-unknown", .warns, about: [.any(.hugepages), .any(.devicePageSize)],
    "the host does not say that it has pages of that size",
    fact: "libvirt accepts pages of any size, and the domain then does not start without them.",
    remedy: "Ask for a size that `virsh capabilities` lists.")

  package static let sgxNeedsHostSupport = Rule(
    "sgx-needs-host-support", .warns, about: [.any(.deviceModel), .any(.deviceState)],
    "an sgx-epc device needs a host and a QEMU with SGX",
    fact: """
      libvirt refuses the definition where the processor or QEMU has no SGX. Its domain \
      capabilities tell, and are not read here.
      """,
    remedy: "Look for `<sgx supported='yes'>` in `virsh domcapabilities`.")

  static let ofCautions = [
    discardWithoutFile, numatuneAutoNeedsNumad, hugepagesWithBalloon, hostDevicesWithBalloon,
    hotplugAgainstHardLimit, hugepageSizeUnknown, sgxNeedsHostSupport, accessMakesFile,
    numatuneAutoPlacesProcessors, processorsStayPlacedByNumad, restrictiveMemnodeBindsNothing,
    launchSecurityKeepsMemory, deviceAddressInMemory, hugepagesRoundedUp,
  ]
}
