// SPDX-License-Identifier: Apache-2.0

extension Field {
  private static let whenAttached = "when the device is attached, or at the next start"

  private static func device<Leaf: FieldLeaf>(
    _ name: FieldName, _ leaf: any WritableKeyPath<MemoryDevice, Leaf?> & Sendable,
    kind: FieldKind = Leaf.kind, element: String, calls: FieldCalls = .device(.attachDevice),
    takesEffect: String = whenAttached, summary: String, valueOfAbsence: FieldValue? = nil
  ) -> Field {
    Field(
      name, of: MemoryDevice.self, leaf, kind: kind, element: element, calls: calls,
      takesEffect: takesEffect, summary: summary, valueOfAbsence: valueOfAbsence)
  }

  static let ofDevices: [Field] = [
    device(
      .deviceState, \.state,
      element: "<devices><memory>",
      calls: .device(.attachDevice, .detachDevice),
      summary: "Whether the device is there; `absent` takes it away."),
    device(
      .deviceModel, \.model,
      element: "<memory model>",
      summary: "What the device is: dimm, nvdimm, virtio-pmem, virtio-mem or sgx-epc."),
    device(
      .deviceSize, \.size,
      element: "<target><size>",
      summary: "The device's full size."),
    device(
      .deviceBlock, \.block,
      element: "<target><block>",
      summary: "The size of the blocks that virtio-mem plugs, a power of two."),
    device(
      .deviceRequested, \.requested, kind: .sizeOrZeroOrRange,
      element: "<target><requested>",
      calls: .device(.updateDevice),
      takesEffect: "live, as the guest's virtio-mem driver follows; persistent, at the next start",
      summary: "How much of its size a virtio-mem device should plug, or a range for it."),
    device(
      .deviceNode, \.node, kind: .number,
      element: "<target><node>",
      summary: "The guest cell that the device's memory belongs to."),
    device(
      .deviceAccess, \.access,
      element: "<memory access>",
      summary: "Whether other processes may map the device's memory."),
    device(
      .deviceDiscard, \.discard,
      element: "<memory discard>",
      summary: "Whether the contents of a file behind the device are dropped at the end.",
      valueOfAbsence: .flag(false)),
    device(
      .devicePageSize, \.pageSize,
      element: "<source><pagesize>",
      summary: "The size of the host's pages behind the device."),
    device(
      .deviceNodemask, \.nodemask,
      element: "<source><nodemask>",
      summary: "The host nodes that the device's memory comes from."),
    device(
      .devicePath, \.path,
      element: "<source><path>",
      summary: "The file or host device behind an nvdimm or virtio-pmem."),
    device(
      .deviceAlignSize, \.alignSize,
      element: "<source><alignsize>",
      summary: "What the file behind an nvdimm is mapped in multiples of."),
    device(
      .deviceLabelSize, \.labelSize,
      element: "<target><label><size>",
      summary: "The size of an nvdimm's namespace label."),
    device(
      .devicePmem, \.pmem,
      element: "<source><pmem/>",
      summary: "Whether the file behind an nvdimm is persistent memory.",
      valueOfAbsence: .flag(false)),
    device(
      .deviceReadOnly, \.readOnly,
      element: "<target><readonly/>",
      summary: "Whether the guest may not write to an nvdimm.",
      valueOfAbsence: .flag(false)),
    device(
      .deviceUUID, \.uuid, kind: .uuid,
      element: "<memory><uuid>",
      summary: "An nvdimm's UUID, on ppc64 alone."),
    device(
      .deviceAddress, \.address,
      element: "<target><address base>",
      summary: "Where the guest sees a virtio-mem or virtio-pmem device."),
    device(
      .deviceDynamicMemslots, \.dynamicMemslots,
      element: "<target dynamicMemslots>",
      summary: "Whether a virtio-mem device takes memory slots as it needs them.",
      valueOfAbsence: .flag(false)),
  ]
}
