// SPDX-License-Identifier: Apache-2.0

package import MemoryModel

/// Rules of libvirt and QEMU for memory devices.
extension Rule {
  package static let deviceIncomplete = Rule(
    "device-incomplete", .refuses,
    about: [
      .any(.deviceModel), .any(.deviceSize), .any(.deviceBlock), .any(.devicePath),
      .any(.deviceNode), .any(.deviceLabelSize),
    ],
    "the device has to be added, and not all of it is declared",
    fact: """
      A device that is not there is added with a model and a size; virtio-mem needs a block, \
      nvdimm and virtio-pmem a path, an nvdimm on ppc64 a label, and in a guest with NUMA cells \
      all but virtio-pmem and sgx-epc a node.
      """,
    remedy: """
      Declare what is missing, or give the device the alias that names the one that is there.
      """, isLiftedByStart: true)

  package static let deviceFieldOfOtherModel = Rule(
    "device-field-of-other-model", .refuses,
    about: [
      .any(.deviceModel), .any(.deviceBlock), .any(.deviceRequested), .any(.deviceDynamicMemslots),
      .any(.deviceAddress), .any(.deviceNode), .any(.deviceAccess), .any(.deviceDiscard),
      .any(.devicePageSize), .any(.deviceNodemask), .any(.devicePath), .any(.deviceAlignSize),
      .any(.devicePmem), .any(.deviceLabelSize), .any(.deviceReadOnly), .any(.deviceUUID),
    ],
    "devices of this model do not have that",
    fact: """
      libvirt refuses some fields of other models, such as `node` for virtio-pmem, and drops the \
      rest without a word.
      """,
    remedy: "Take the field out for this device.")

  package static let deviceModelFixed = Rule(
    "device-model-fixed", .refuses, about: [.any(.deviceModel)],
    "a device keeps its model",
    fact: """
      A device of another model has another kind of address and other fields, and libvirt refuses \
      those of the old model.
      """,
    remedy: """
      Declare the new device under another name, and this one `state: absent` when it may go.
      """)

  package static let nvdimmUUIDPPC64Only = Rule(
    "nvdimm-uuid-ppc64-only", .refuses, about: [.any(.deviceUUID)],
    "only guests on ppc64 have UUIDs for nvdimms",
    fact: "libvirt refuses an nvdimm's UUID on every other architecture.",
    remedy: "Take `uuid` out for this device.")

  package static let deviceNodeMissing = Rule(
    "device-node-missing", .refuses, about: [.any(.deviceNode), .any(.cellState), .any(.numa)],
    "a device is in a guest cell that is not there",
    fact: """
      libvirt refuses a memory device in a cell which the guest does not have; some versions do so \
      only when the domain starts.
      """,
    remedy: """
      Name a cell that the guest has in `node`, or declare it in `numa.cells`.
      """, isLiftedByStart: true)

  package static let nvdimmLabelSize = Rule(
    "nvdimm-label-size", .refuses, about: [.any(.deviceLabelSize)],
    "a label has at least 128 KiB and less than its device",
    fact: "libvirt refuses an nvdimm's label of less than 128 KiB, or as large as the device.",
    remedy: "Declare a `labelSize` in between.")

  package static let deviceAddressNotOfPage = Rule(
    "device-address-not-of-page", .refuses, about: [.any(.deviceAddress)],
    "a virtio-pmem device lies at a multiple of 4 KiB",
    fact: "libvirt refuses a virtio-pmem device whose address is no multiple of 4096.",
    remedy: "Declare such an `address`, or take it out and leave the place to QEMU.")

  package static let virtioPmemAlwaysShared = Rule(
    "virtio-pmem-always-shared", .refuses, about: [.any(.deviceAccess)],
    "virtio-pmem is always shared",
    fact: "libvirt refuses a virtio-pmem device with private access.",
    remedy: "Declare `access: shared`, or leave it out.")

  package static let virtioPmemStartNeeds9_4 = Rule(
    "virtio-pmem-start-needs-9-4", .refuses, about: [.any(.deviceModel), .any(.deviceState)],
    "before libvirt 9.4 no domain starts with a virtio-pmem device",
    fact: """
      libvirt up to 9.3 defines a virtio-pmem device, and plugs it into a running guest, but ends \
      every start with one: it does not understand what QEMU tells of the device.
      """,
    remedy: "Declare an nvdimm in its place, or update libvirt.",
    startFailure: "not started by libvirt 9.0; started by 11.3 and 12.9")

  package static let virtioMemWithLocked = Rule(
    "virtio-mem-with-locked", .refuses, about: [.any(.locked), .any(.deviceModel)],
    "virtio-mem does not work with locked memory",
    fact: """
      libvirt accepts both together, and QEMU then refuses the device: virtio-mem gives back what \
      locking holds.
      """,
    remedy: "Declare `memoryBacking.locked: false`, or use DIMMs.", isLiftedByStart: true,
    startFailure: "by QEMU's source; not tried, for the lab may not lock memory")

  static let ofDevices = [
    deviceIncomplete, deviceModelFixed, deviceAddressNotOfPage, deviceFieldOfOtherModel,
    nvdimmUUIDPPC64Only, deviceNodeMissing, nvdimmLabelSize, virtioPmemAlwaysShared,
    virtioPmemStartNeeds9_4, virtioMemWithLocked,
  ]
}

/// Rules of libvirt and QEMU for the blocks that virtio-mem plugs.
extension Rule {
  package static let virtioMemBlockPowerOfTwo = Rule(
    "virtio-mem-block-power-of-two", .refuses, about: [.any(.deviceBlock)],
    "a block is a power of two",
    fact: "libvirt refuses a virtio-mem device whose block is no power of two.",
    remedy: "Declare a `block` such as 2MiB.")

  package static let virtioMemBlockTooSmall = Rule(
    "virtio-mem-block-too-small", .refuses,
    about: [.any(.deviceBlock), .any(.devicePageSize), .any(.hugepages)],
    "a block is at least a huge page",
    fact: """
      libvirt refuses a block smaller than the host's transparent huge pages (2 MiB on x86), and \
      QEMU one smaller than the pages behind the device.
      """,
    remedy: "Declare a larger `block`.", isLiftedByStart: true,
    startFailure: "of pages behind the device, by QEMU's source; a block below 2 MiB at once")

  package static let virtioMemBlockMultiple = Rule(
    "virtio-mem-block-multiple", .refuses,
    about: [.any(.deviceSize), .any(.deviceRequested), .any(.deviceAddress), .any(.deviceBlock)],
    "size, requested and address are multiples of the block",
    fact: """
      virtio-mem plugs whole blocks. libvirt refuses another `requested` or `address`, and QEMU \
      another size.
      """,
    remedy: "Declare multiples of `block`.",
    startFailure: "of the size, not started by QEMU 7.2, 10.0 and 11.1; of the others at once")

  package static let virtioMemRequestedAboveSize = Rule(
    "virtio-mem-requested-above-size", .refuses,
    about: [.any(.deviceRequested), .any(.deviceSize)],
    "more is requested of the device than its size",
    fact: "libvirt refuses a virtio-mem device with more requested than its size.",
    remedy: "Ask for at most its `size`.")

  static let ofBlocks = [
    virtioMemBlockPowerOfTwo, virtioMemBlockTooSmall, virtioMemBlockMultiple,
    virtioMemRequestedAboveSize,
  ]
}
