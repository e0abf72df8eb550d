// SPDX-License-Identifier: Apache-2.0

package import MemoryModel

/// Rules about changes that a running guest does not allow, or allows only in one way.
extension Rule {
  package static let numatuneNeedsRedefinition = Rule(
    "numatune-needs-redefinition", .refuses,
    about: [
      .any(.numatunePlacement), .any(.memnodeState), .any(.memnodeMode), .any(.memnodeNodeset),
    ],
    "the call sets mode and nodeset alone",
    fact: """
      virDomainSetNumaParameters takes a mode and a nodeset; placement, the cells' own bindings \
      and taking something away are for a redefinition.
      """,
    remedy: """
      Power-cycle the domain when it suits.
      """, isLiftedByStart: true, isLiftedByRedefinition: true)

  package static let numatuneModeNeverLive = Rule(
    "numatune-mode-never-live", .refuses, about: [.any(.numatuneMode)],
    "the mode of a running domain is fixed",
    fact: "libvirt refuses another numatune mode for a running domain.",
    remedy: "Power-cycle the domain when it suits.", isLiftedByStart: true)

  package static let numatuneLiveRestrictiveOnly = Rule(
    "numatune-live-restrictive-only", .refuses, about: [.any(.numatuneNodeset)],
    "only the restrictive mode lets a running guest change its nodes",
    fact: """
      In the other modes QEMU itself bound the memory when the domain started; libvirt then \
      refuses a live nodeset, and even the one that is there.
      """,
    remedy: """
      Power-cycle the domain when it suits, or declare `mode: restrictive` for the future.
      """, isLiftedByStart: true)

  package static let numatuneLiveNeedsNumatune = Rule(
    "numatune-live-needs-numatune", .refuses, about: [.any(.numatuneMode), .any(.numatuneNodeset)],
    "the running domain started without numatune",
    fact: """
      libvirt would record the first live nodeset as strict without binding a page, and could \
      never change it again.
      """,
    remedy: "Power-cycle the domain when it suits.", isLiftedByStart: true)

  package static let numatuneSessionMode = Rule(
    "numatune-session-mode", .refuses, about: [.any(.numatuneNodeset)],
    "live numatune is not available in session mode",
    fact: "In session mode libvirt refuses to change numatune of a running domain.",
    remedy: """
      Power-cycle the domain when it suits, or connect to the system daemon.
      """, isLiftedByStart: true)

  package static let noPCISlot = Rule(
    "no-pci-slot", .refuses, about: [.any(.deviceState)],
    "the guest has no PCI slot left for another virtio device",
    fact: """
      virtio-mem and virtio-pmem are PCI devices. On a machine with PCI Express a running guest \
      takes one in each root port that is empty and lets devices come and go; libvirt adds ports \
      where a definition needs them, at a start alone.
      """,
    remedy: """
      Power-cycle the domain when it suits, or detach a PCI device that it does not need. Define \
      some `<controller type='pci' model='pcie-root-port'/>` more than it uses.
      """, isLiftedByStart: true)

  package static let hotplugIsLive = Rule(
    "hotplug-is-live", .refuses, about: [.any(.deviceState)],
    "devices of the persistent definition come and go by redefinition",
    fact: """
      libvirt's device calls do not check a persistent definition as a redefinition does, and \
      change <currentMemory> along with it.
      """,
    remedy: """
      Nothing has to be done: the domain is redefined in place of the call.
      """, isLiftedByRedefinition: true)

  package static let sgxEpcNeverLive = Rule(
    "sgx-epc-never-live", .refuses, about: [.any(.deviceState)],
    "sgx-epc devices come and go with a start alone",
    fact: "libvirt refuses to plug or unplug an sgx-epc device of a running domain.",
    remedy: "Power-cycle the domain when it suits.", isLiftedByStart: true)

  package static let dimmSizeLive = Rule(
    "dimm-size-live", .refuses, about: [.any(.deviceSize)],
    "a running guest takes no memory device of this size",
    fact: """
      libvirt rounds a device that it plugs to 1 MiB. QEMU then refuses a DIMM that is no multiple \
      of 2 MiB (256 MiB on ppc64), and a virtio-mem device that is no multiple of its block. At a \
      start libvirt rounds both up to 2 MiB.
      """,
    remedy: """
      Declare a size that is a multiple of 2 MiB (256 MiB on ppc64) and of the block, or leave it \
      to the next start.
      """, isLiftedByStart: true)

  package static let nvdimmNeverUnplugged = Rule(
    "nvdimm-never-unplugged", .refuses, about: [.any(.deviceState)],
    "QEMU does not unplug nvdimms",
    fact: "QEMU refuses to unplug an nvdimm of a running guest.",
    remedy: "Power-cycle the domain when it suits.", isLiftedByStart: true)

  package static let nvdimmNeedsOneAtStart = Rule(
    "nvdimm-needs-one-at-start", .refuses, about: [.any(.deviceState)],
    "the running guest started without an nvdimm, and takes none",
    fact: """
      libvirt switches nvdimms on in QEMU's machine only where the domain starts with one; QEMU \
      refuses to plug one into any other guest.
      """,
    remedy: "Power-cycle the domain when it suits.", isLiftedByStart: true)

  package static let virtioPmemNeverUnplugged = Rule(
    "virtio-pmem-never-unplugged", .refuses, about: [.any(.deviceState)],
    "QEMU does not unplug virtio-pmem devices",
    fact: "QEMU refuses to unplug a virtio-pmem device of a running guest.",
    remedy: "Power-cycle the domain when it suits.", isLiftedByStart: true)

  package static let virtioMemNeverUnplugged = Rule(
    "virtio-mem-never-unplugged", .refuses, about: [.any(.deviceState)],
    "before QEMU 8.2 virtio-mem devices can't be unplugged",
    fact: """
      QEMU up to 8.1 refuses to unplug a virtio-mem device of a running guest, whatever is plugged \
      of it.
      """,
    remedy: """
      Declare `requested: 0KiB`, which gives the memory back, and power-cycle the domain when it \
      suits.
      """, isLiftedByStart: true)

  package static let virtioMemStillPlugged = Rule(
    "virtio-mem-still-plugged", .refuses, about: [.any(.deviceState)],
    "the virtio-mem device still has memory plugged",
    fact: """
      QEMU unplugs a virtio-mem device only while nothing is requested of it and nothing plugged.
      """,
    remedy: """
      Declare `requested: 0KiB` first, and `state: absent` when the guest has let go.
      """, isLiftedByStart: true)

  static let ofHotplug = [
    numatuneNeedsRedefinition, numatuneModeNeverLive, numatuneLiveRestrictiveOnly,
    numatuneLiveNeedsNumatune, numatuneSessionMode, hotplugIsLive, sgxEpcNeverLive, dimmSizeLive,
    nvdimmNeverUnplugged, nvdimmNeedsOneAtStart, noPCISlot, virtioPmemNeverUnplugged,
    virtioMemNeverUnplugged, virtioMemStillPlugged,
  ]
}
