// SPDX-License-Identifier: Apache-2.0

package import MemoryModel

/// Warnings about definitions that libvirt accepts but that may not work as the user expects.
///
/// Conditions: GuestBehaviour+Cautions.swift.
extension Rule {
  package static let discardWithoutFile = Rule(
    "discard-without-file", .warns,
    about: [.any(.discard), .any(.cellDiscard), .any(.deviceDiscard)],
    "discard has no effect, because no file backs the memory",
    fact: """
      QEMU discards the contents of memory when the guest ends, but only if a file backs the \
      memory. libvirt also accepts `discard` for other memory, where `discard` has no effect. A \
      file backs memory with `source: file`, with huge pages, and with any `access`, unless \
      `source` is memfd.
      """,
    remedy: "Declare `memoryBacking.source: file`, or remove `discard` from the manifest.")

  package static let accessMakesFile = Rule(
    "access-makes-file", .warns,
    about: [.any(.access), .any(.source), .any(.cellAccess), .any(.deviceAccess)],
    "libvirt puts the guest's memory into a file, usually on a disk",
    fact: """
      If `access` is set and `source` is not memfd, libvirt puts the guest's memory into a file, \
      even with `source: anonymous`. The file is in the folder memory_backing_dir of qemu.conf, by \
      default /var/lib/libvirt/qemu/ram. If the folder is on a disk, the guest is slow and the \
      file fills the disk.
      """,
    remedy: "Declare `memoryBacking.source: memfd`, unless the folder is on a tmpfs.")

  package static let numatuneAutoPlacesProcessors = Rule(
    "numatune-auto-places-processors", .warns, about: [.any(.numatunePlacement)],
    "libvirt also lets numad place the guest's processors",
    fact: """
      If <numatune> has placement auto and no processors are pinned, libvirt changes <vcpu \
      placement> to auto. <vcpu placement> stays auto when the placement of <numatune> becomes \
      static again.
      """,
    remedy: """
      If numad may place the processors, no action is needed. To undo the change, declare \
      `numatune.memory.placement: static` with a `nodeset`, then write <vcpu placement='static'> \
      with `virsh edit DOMAIN`.
      """)

  package static let processorsStayPlacedByNumad = Rule(
    "processors-stay-placed-by-numad", .warns,
    about: [.any(.numatunePlacement), .any(.numatuneNodeset)],
    "numad still places the guest's processors",
    fact: """
      The definition has <vcpu placement='auto'>. A change of <numatune> does not change <vcpu>.
      """,
    remedy: """
      If numad should not place the processors, write <vcpu placement='static'> with `virsh edit \
      DOMAIN`.
      """)

  package static let restrictiveMemnodeBindsNothing = Rule(
    "restrictive-memnode-binds-nothing", .warns,
    about: [.any(.memnodeMode), .any(.memnodeState), .any(.memnodeNodeset)],
    "a cell's binding has no effect in mode restrictive",
    fact: """
      In mode restrictive, libvirt binds memory only by the domain's cgroup, which does not \
      distinguish the guest's cells. libvirt ignores the cell's own nodeset at the start. A later \
      change of `numatune.memory.nodeset` moves the memory of all cells.
      """,
    remedy: """
      Declare `mode: strict` for `numatune.memory` and for each cell in `numatune.memnodes`. Or \
      declare `numatune.memnodes: none` and use only `numatune.memory`.
      """)

  package static let launchSecurityKeepsMemory = Rule(
    "launch-security-keeps-memory", .warns, about: [.any(.currentMemory), .any(.deviceModel)],
    "this guest gives no memory back to the host",
    fact: """
      QEMU releases no memory of a guest with <launchSecurity> of type sev, sev-snp or s390-pv to \
      the host: the guest gets less memory, but the host does not get more. So no other guest can \
      have it. This fact comes from QEMU's source and was not tried.
      """,
    remedy: """
      If the balloon should only save host memory, declare a `currentMemory` that equals RAM at \
      boot plus DIMMs, and use DIMMs instead of virtio-mem devices.
      """)

  package static let deviceAddressInMemory = Rule(
    "device-address-in-memory", .warns, about: [.any(.deviceAddress)],
    "the device's address may lie inside the guest's RAM",
    fact: """
      QEMU puts memory devices above the RAM at boot, on x86 at 4 GiB or higher. QEMU does not \
      start with a device at a lower address.
      """,
    remedy: "Declare a higher `address`, or remove `address` so that QEMU chooses the address.")

  package static let hugepagesRoundedUp = Rule(
    "hugepages-rounded-up", .warns,
    about: [
      .any(.hugepages), .any(.source), .memory, .any(.cellMemory), .any(.deviceSize),
      .any(.devicePageSize),
    ],
    "the memory is not a multiple of its huge page size, so it takes one more page",
    fact: """
      QEMU before 10 rounds a file up to whole huge pages. QEMU 10 and newer do not start the \
      domain.
      """,
    remedy: "Declare a size that is a multiple of the huge page size.")

  package static let numatuneAutoNeedsNumad = Rule(
    "numatune-auto-needs-numad", .warns, about: [.any(.numatunePlacement)],
    "the domain starts only if the host has numad",
    fact: """
      With placement auto, libvirt asks numad for host nodes when the domain starts. Without an \
      answer of numad, libvirt does not start the domain.
      """,
    remedy: "If the host does not have numad, install the package numad.")

  package static let hugepagesWithBalloon = Rule(
    "hugepages-with-balloon", .warns, about: [.any(.hugepages), .any(.currentMemory)],
    "a balloon gives no huge pages back to the host",
    fact: """
      A balloon takes single small pages from the guest. The huge pages that contain them stay \
      allocated to the domain.
      """,
    remedy: """
      If the balloon should only save host memory, declare a `currentMemory` that equals RAM at \
      boot plus DIMMs, or shrink the guest with a virtio-mem device instead of the balloon.
      """)

  package static let hostDevicesWithBalloon = Rule(
    "host-devices-with-balloon", .warns, about: [.any(.currentMemory)],
    "this guest's balloon gives no memory back to the host",
    fact: """
      A host device (VFIO) pins all of the guest's memory. The balloon takes memory from the \
      guest, but QEMU does not release that memory to the host, so no other guest can have it. A \
      balloon that gives memory back to the guest takes none of the host.
      """,
    remedy: """
      If the balloon should only save host memory, declare a `currentMemory` that equals RAM at \
      boot plus DIMMs.
      """)

  package static let hotplugAgainstHardLimit = Rule(
    "hotplug-against-hard-limit", .warns, about: [.any(.deviceState), .any(.deviceSize)],
    "hardLimit may be too low to plug the memory device",
    fact: """
      If the guest's memory is locked or the guest has a host device, libvirt sets QEMU's limit \
      for locked memory again when memory is plugged. libvirt sets this limit to hardLimit, if \
      hardLimit is set. If hardLimit is below the new total, the device cannot be plugged.
      """,
    remedy: "Declare a `memtune.hardLimit` well above the new total.")

  package static let hugepageSizeUnknown = Rule(
    "hugepage-size-unknown", .warns, about: [.any(.hugepages), .any(.devicePageSize)],
    "the host does not list huge pages of this size",
    fact: """
      libvirt accepts huge pages of any size. The domain does not start if the host has no pages \
      of that size.
      """,
    remedy: "Declare a page size that `virsh capabilities` lists.")

  package static let sgxNeedsHostSupport = Rule(
    "sgx-needs-host-support", .warns, about: [.any(.deviceModel), .any(.deviceState)],
    "an sgx-epc device needs a host and a QEMU with SGX",
    fact: """
      libvirt refuses the definition if the processor or QEMU has no SGX. libvirt's domain \
      capabilities show whether SGX is available, but virtmem does not read the domain \
      capabilities.
      """,
    remedy: """
      Run `virsh domcapabilities` on the host: the output must contain `<sgx supported='yes'>`.
      """)

  static let ofCautions = [
    discardWithoutFile, numatuneAutoNeedsNumad, hugepagesWithBalloon, hostDevicesWithBalloon,
    hotplugAgainstHardLimit, hugepageSizeUnknown, sgxNeedsHostSupport, accessMakesFile,
    numatuneAutoPlacesProcessors, processorsStayPlacedByNumad, restrictiveMemnodeBindsNothing,
    launchSecurityKeepsMemory, deviceAddressInMemory, hugepagesRoundedUp,
  ]
}
