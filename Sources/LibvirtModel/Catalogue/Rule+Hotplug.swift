// SPDX-License-Identifier: Apache-2.0

package import MemoryModel

/// Rules about changes that a running guest does not allow, or allows only in one way.
extension Rule {
  package static let numatuneNeedsRedefinition = Rule(
    "numatune-needs-redefinition", .refuses,
    about: [
      .any(.numatunePlacement), .any(.memnodeState), .any(.memnodeMode), .any(.memnodeNodeset),
    ],
    "libvirt has no call for this part of numatune",
    fact: """
      virDomainSetNumaParameters sets only a mode and a nodeset. Only a redefinition changes the \
      placement or the bindings of cells, or removes a setting.
      """,
    remedy: """
      Shut the domain down (`virsh shutdown DOMAIN`) and start it again (`virsh start DOMAIN`). If \
      the domain is transient, create it again with the new value (`virsh create FILE`).
      """, isLiftedByStart: true, isLiftedByRedefinition: true)

  package static let numatuneModeNeverLive = Rule(
    "numatune-mode-never-live", .refuses, about: [.any(.numatuneMode)],
    "the numatune mode of a running domain cannot change",
    fact: "libvirt refuses a change of the numatune mode of a running domain.",
    remedy: """
      Shut the domain down (`virsh shutdown DOMAIN`) and start it again (`virsh start DOMAIN`). If \
      the domain is transient, create it again with the new value (`virsh create FILE`).
      """, isLiftedByStart: true)

  package static let numatuneLiveRestrictiveOnly = Rule(
    "numatune-live-restrictive-only", .refuses, about: [.any(.numatuneNodeset)],
    "a running guest can change its nodeset only in mode restrictive",
    fact: """
      In the other modes, QEMU binds the memory when the domain starts. libvirt then refuses every \
      live nodeset, even the nodeset that the domain already has.
      """,
    remedy: """
      Shut the domain down (`virsh shutdown DOMAIN`) and start it again (`virsh start DOMAIN`). If \
      the domain is transient, create it again with the new value (`virsh create FILE`). If the \
      nodeset should change live in the future, declare `numatune.memory.mode: restrictive` before \
      that start.
      """, isLiftedByStart: true)

  package static let numatuneLiveNeedsNumatune = Rule(
    "numatune-live-needs-numatune", .refuses, about: [.any(.numatuneMode), .any(.numatuneNodeset)],
    "the running domain was started without numatune",
    fact: """
      libvirt would record the first live nodeset in mode strict without binding any page. libvirt \
      would then refuse every further live change.
      """,
    remedy: """
      Shut the domain down (`virsh shutdown DOMAIN`) and start it again (`virsh start DOMAIN`). If \
      the domain is transient, create it again with the new value (`virsh create FILE`).
      """, isLiftedByStart: true)

  package static let numatuneSessionMode = Rule(
    "numatune-session-mode", .refuses, about: [.any(.numatuneNodeset)],
    "libvirt has no live numatune in session mode",
    fact: "In session mode, libvirt refuses to change the numatune of a running domain.",
    remedy: """
      Shut the domain down (`virsh shutdown DOMAIN`) and start it again (`virsh start DOMAIN`). If \
      the domain is transient, create it again with the new value (`virsh create FILE`).
      """, isLiftedByStart: true)

  package static let noPCISlot = Rule(
    "no-pci-slot", .refuses, about: [.any(.deviceState)],
    "the guest has no free PCI slot for another virtio device",
    fact: """
      virtio-mem and virtio-pmem devices are PCI devices. On a machine with PCI Express, a running \
      guest accepts one such device in each root port that is empty and allows hotplug. libvirt \
      adds the ports that a definition needs only at a start.
      """,
    remedy: """
      Detach a PCI device that the guest does not need (`virsh detach-device DOMAIN FILE`), or \
      shut the domain down (`virsh shutdown DOMAIN`) and start it again (`virsh start DOMAIN`). If \
      the domain is transient, create it again with the new value (`virsh create FILE`). If the \
      domain should have free slots later, add `<controller type='pci' model='pcie-root-port'/>` \
      elements with `virsh edit DOMAIN`.
      """, isLiftedByStart: true)

  package static let hotplugIsLive = Rule(
    "hotplug-is-live", .refuses, about: [.any(.deviceState)],
    "virtmem changes persistent memory devices only by a redefinition",
    fact: """
      libvirt's device calls check a persistent definition less than a redefinition does, and they \
      also change <currentMemory>.
      """,
    remedy: "No action is needed: virtmem redefines the domain instead of making this call.",
    isLiftedByRedefinition: true)

  package static let sgxEpcNeverLive = Rule(
    "sgx-epc-never-live", .refuses, about: [.any(.deviceState)],
    "an sgx-epc device cannot be plugged or unplugged while the domain runs",
    fact: "libvirt refuses to plug or unplug an sgx-epc device of a running domain.",
    remedy: """
      Shut the domain down (`virsh shutdown DOMAIN`) and start it again (`virsh start DOMAIN`). If \
      the domain is transient, create it again with the new value (`virsh create FILE`).
      """, isLiftedByStart: true)

  package static let dimmSizeLive = Rule(
    "dimm-size-live", .refuses, about: [.any(.deviceSize)],
    "QEMU cannot plug a memory device of this size into a running guest",
    fact: """
      libvirt rounds a device that it plugs to 1 MiB. QEMU then refuses a DIMM that is not a \
      multiple of 2 MiB (256 MiB on ppc64), and a virtio-mem device that is not a multiple of its \
      block. At a start, libvirt rounds both up to 2 MiB.
      """,
    remedy: """
      Declare a `size` that is a multiple of 2 MiB (256 MiB on ppc64) and of the device's `block`. \
      If the device can wait for the next start, no action is needed for a persistent domain.
      """, isLiftedByStart: true)

  package static let nvdimmNeverUnplugged = Rule(
    "nvdimm-never-unplugged", .refuses, about: [.any(.deviceState)],
    "QEMU cannot unplug an nvdimm",
    fact: "QEMU refuses to unplug an nvdimm from a running guest.",
    remedy: """
      Shut the domain down (`virsh shutdown DOMAIN`) and start it again (`virsh start DOMAIN`). If \
      the domain is transient, create it again with the new value (`virsh create FILE`).
      """, isLiftedByStart: true)

  package static let nvdimmNeedsOneAtStart = Rule(
    "nvdimm-needs-one-at-start", .refuses, about: [.any(.deviceState)],
    "the guest was started without an nvdimm, so none can be plugged",
    fact: """
      libvirt enables nvdimms in QEMU's machine only if the domain starts with an nvdimm. QEMU \
      refuses to plug an nvdimm into any other guest.
      """,
    remedy: """
      Shut the domain down (`virsh shutdown DOMAIN`) and start it again (`virsh start DOMAIN`). If \
      the domain is transient, create it again with the new value (`virsh create FILE`).
      """, isLiftedByStart: true)

  package static let virtioPmemNeverUnplugged = Rule(
    "virtio-pmem-never-unplugged", .refuses, about: [.any(.deviceState)],
    "QEMU cannot unplug a virtio-pmem device",
    fact: "QEMU refuses to unplug a virtio-pmem device from a running guest.",
    remedy: """
      Shut the domain down (`virsh shutdown DOMAIN`) and start it again (`virsh start DOMAIN`). If \
      the domain is transient, create it again with the new value (`virsh create FILE`).
      """, isLiftedByStart: true)

  package static let virtioMemNeverUnplugged = Rule(
    "virtio-mem-never-unplugged", .refuses, about: [.any(.deviceState)],
    "QEMU before 8.2 cannot unplug a virtio-mem device",
    fact: """
      QEMU up to 8.1 refuses to unplug a virtio-mem device from a running guest, even if the guest \
      has no memory of the device plugged.
      """,
    remedy: """
      Declare `requested: 0KiB` for the device, which gives its memory back. To remove the device, \
      shut the domain down (`virsh shutdown DOMAIN`) and start it again (`virsh start DOMAIN`). If \
      the domain is transient, create it again without the device (`virsh create FILE`).
      """, isLiftedByStart: true)

  package static let virtioMemStillPlugged = Rule(
    "virtio-mem-still-plugged", .refuses, about: [.any(.deviceState)],
    "the guest still has memory of the virtio-mem device plugged",
    fact: """
      QEMU unplugs a virtio-mem device only if the requested size and the plugged size are zero.
      """,
    remedy: """
      Declare `requested: 0KiB` for the device and apply the plan. When the guest has unplugged \
      the memory, declare `state: absent`.
      """, isLiftedByStart: true)

  static let ofHotplug = [
    numatuneNeedsRedefinition, numatuneModeNeverLive, numatuneLiveRestrictiveOnly,
    numatuneLiveNeedsNumatune, numatuneSessionMode, hotplugIsLive, sgxEpcNeverLive, dimmSizeLive,
    nvdimmNeverUnplugged, nvdimmNeedsOneAtStart, noPCISlot, virtioPmemNeverUnplugged,
    virtioMemNeverUnplugged, virtioMemStillPlugged,
  ]
}
