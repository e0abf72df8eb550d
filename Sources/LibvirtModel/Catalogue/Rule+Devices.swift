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
    "the device must be added, but a required field is not declared",
    fact: """
      virtmem adds a device that does not exist. Every device needs a model and a size. A \
      virtio-mem device also needs a block, an nvdimm or virtio-pmem device a path, and an nvdimm \
      on ppc64 a label. In a guest with NUMA cells, each device except virtio-pmem and sgx-epc \
      needs a node.
      """,
    remedy: """
      Declare the missing field. If the manifest means an existing device, declare that device \
      under the name that `virtmem export` prints.
      """, isLiftedByStart: true)

  package static let deviceFieldOfOtherModel = Rule(
    "device-field-of-other-model", .refuses,
    about: [
      .any(.deviceModel), .any(.deviceBlock), .any(.deviceRequested), .any(.deviceDynamicMemslots),
      .any(.deviceAddress), .any(.deviceNode), .any(.deviceAccess), .any(.deviceDiscard),
      .any(.devicePageSize), .any(.deviceNodemask), .any(.devicePath), .any(.deviceAlignSize),
      .any(.devicePmem), .any(.deviceLabelSize), .any(.deviceReadOnly), .any(.deviceUUID),
    ],
    "devices of this model do not have this field",
    fact: """
      libvirt refuses some fields of other models, such as `node` for virtio-pmem, and silently \
      drops the others.
      """,
    remedy: "Remove the field from this device in the manifest.")

  package static let deviceModelFixed = Rule(
    "device-model-fixed", .refuses, about: [.any(.deviceModel)],
    "the model of an existing device cannot change",
    fact: """
      A device of another model has another kind of address and other fields. libvirt refuses the \
      address and the fields of the old model.
      """,
    remedy: """
      Declare the new device under another name. If the old device should go, declare `state: \
      absent` for the old device.
      """)

  package static let nvdimmUUIDPPC64Only = Rule(
    "nvdimm-uuid-ppc64-only", .refuses, about: [.any(.deviceUUID)],
    "only an nvdimm of a ppc64 guest has a UUID",
    fact: "libvirt refuses the UUID of an nvdimm on every architecture except ppc64.",
    remedy: "Remove `uuid` from this device in the manifest.")

  package static let deviceNodeMissing = Rule(
    "device-node-missing", .refuses, about: [.any(.deviceNode), .any(.cellState), .any(.numa)],
    "a memory device is in a NUMA cell that the guest does not have",
    fact: """
      libvirt refuses a memory device in a cell which the guest does not have. Some versions \
      refuse the device only when the domain starts.
      """,
    remedy: """
      Declare a `node` that is the number of an existing cell, or declare the missing cell in \
      `numa.cells`.
      """, isLiftedByStart: true, remedyField: FieldPath(.cells))

  package static let nvdimmLabelSize = Rule(
    "nvdimm-label-size", .refuses, about: [.any(.deviceLabelSize)],
    "an nvdimm's label must have at least 128 KiB and be smaller than the device",
    fact: """
      libvirt refuses an nvdimm's label of less than 128 KiB, and a label that is as large as the \
      device.
      """,
    remedy: "Declare a `labelSize` of at least 128KiB and less than the `size` of the device.")

  package static let deviceAddressNotOfPage = Rule(
    "device-address-not-of-page", .refuses, about: [.any(.deviceAddress)],
    "the address of a virtio-pmem device must be a multiple of 4 KiB",
    fact: "libvirt refuses a virtio-pmem device whose address is not a multiple of 4096.",
    remedy: """
      Declare an `address` that is a multiple of 4096, or remove `address` so that QEMU chooses \
      the address.
      """)

  package static let virtioPmemAlwaysShared = Rule(
    "virtio-pmem-always-shared", .refuses, about: [.any(.deviceAccess)],
    "a virtio-pmem device always has shared access",
    fact: "libvirt refuses a virtio-pmem device with private access.",
    remedy: "Declare `access: shared` for the device, or remove `access`.")

  package static let virtioPmemStartNeeds9_4 = Rule(
    "virtio-pmem-start-needs-9-4", .refuses, about: [.any(.deviceModel), .any(.deviceState)],
    "a domain with a virtio-pmem device does not start before libvirt 9.4",
    fact: """
      libvirt up to 9.3 defines a virtio-pmem device and plugs such a device into a running guest. \
      But libvirt up to 9.3 aborts every start with a virtio-pmem device, because it does not \
      understand what QEMU reports about the device.
      """,
    remedy: """
      Declare an nvdimm instead of the virtio-pmem device, or upgrade libvirt to 9.4 or newer.
      """,
    startFailure: "not started by libvirt 9.0; started by 11.3 and 12.9")

  package static let virtioMemWithLocked = Rule(
    "virtio-mem-with-locked", .refuses, about: [.any(.locked), .any(.deviceModel)],
    "virtio-mem does not work with locked memory",
    fact: """
      libvirt accepts virtio-mem together with locked memory, but QEMU refuses the device: \
      virtio-mem gives memory back that locking must keep.
      """,
    remedy: "Declare `memoryBacking.locked: false`, or use DIMMs instead of virtio-mem devices.",
    isLiftedByStart: true,
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
    "the block of a virtio-mem device must be a power of two",
    fact: "libvirt refuses a virtio-mem device whose block is not a power of two.",
    remedy: "Declare a `block` that is a power of two, such as 2MiB.")

  package static let virtioMemBlockTooSmall = Rule(
    "virtio-mem-block-too-small", .refuses,
    about: [.any(.deviceBlock), .any(.devicePageSize), .any(.hugepages)],
    "the block of a virtio-mem device is smaller than a huge page",
    fact: """
      libvirt refuses a block that is smaller than the host's transparent huge pages (2 MiB on \
      x86). QEMU refuses a block that is smaller than the pages behind the device.
      """,
    remedy: "Declare a `block` of at least the huge page size.", isLiftedByStart: true,
    startFailure: "of pages behind the device, by QEMU's source; a block below 2 MiB at once")

  package static let virtioMemBlockMultiple = Rule(
    "virtio-mem-block-multiple", .refuses,
    about: [.any(.deviceSize), .any(.deviceRequested), .any(.deviceAddress), .any(.deviceBlock)],
    "size, requested and address must be multiples of the block",
    fact: """
      virtio-mem plugs whole blocks. libvirt refuses a `requested` or `address` that is not a \
      multiple of the block, and QEMU refuses such a size.
      """,
    remedy: "Declare `size`, `requested` and `address` as multiples of `block`.",
    startFailure: "of the size, not started by QEMU 7.2, 10.0 and 11.1; of the others at once")

  package static let virtioMemRequestedAboveSize = Rule(
    "virtio-mem-requested-above-size", .refuses,
    about: [.any(.deviceRequested), .any(.deviceSize)],
    "the requested size is above the size of the device",
    fact: "libvirt refuses a virtio-mem device whose requested size is above its size.",
    remedy: "Declare a `requested` of at most the `size` of the device.")

  static let ofBlocks = [
    virtioMemBlockPowerOfTwo, virtioMemBlockTooSmall, virtioMemBlockMultiple,
    virtioMemRequestedAboveSize,
  ]
}
