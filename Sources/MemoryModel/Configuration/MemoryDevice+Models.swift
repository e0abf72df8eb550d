// SPDX-License-Identifier: Apache-2.0

extension MemoryDevice {
  /// A field that devices of some models have, and devices of others do not.
  package struct FieldOfModels: Sendable {
    /// The field.
    package let name: FieldName
    /// The models that have it.
    package let models: [Model]
    /// The models for which a manifest may declare it: more than ``models`` where libvirt decides
    /// by its version whether it refuses the field or drops it, which then blocks the field.
    package let declarable: [Model]

    fileprivate init(_ name: FieldName, _ models: [Model], declarable: [Model]? = nil) {
      self.name = name
      self.models = models
      self.declarable = declarable ?? models
    }
  }

  private static let persistent: [Model] = [.nvdimm, .virtioPmem]

  /// The fields that not every model has.
  package static let fieldsOfModels: [FieldOfModels] = [
    FieldOfModels(.deviceBlock, [.virtioMem]),
    FieldOfModels(.deviceRequested, [.virtioMem]),
    FieldOfModels(.deviceDynamicMemslots, [.virtioMem]),
    FieldOfModels(.deviceAddress, [.virtioMem, .virtioPmem]),
    FieldOfModels(
      .deviceNode, [.dimm, .nvdimm, .virtioMem, .sgxEpc], declarable: Model.allCases),
    FieldOfModels(
      .deviceAccess, [.dimm, .nvdimm, .virtioPmem, .virtioMem], declarable: Model.allCases),
    FieldOfModels(.deviceDiscard, [.dimm, .virtioMem], declarable: Model.allCases),
    FieldOfModels(.devicePageSize, [.dimm, .virtioMem], declarable: Model.allCases),
    FieldOfModels(.deviceNodemask, [.dimm, .virtioMem, .sgxEpc], declarable: Model.allCases),
    FieldOfModels(.devicePath, persistent),
    FieldOfModels(.deviceAlignSize, [.nvdimm], declarable: persistent),
    FieldOfModels(.devicePmem, [.nvdimm], declarable: persistent),
    FieldOfModels(.deviceLabelSize, [.nvdimm], declarable: persistent),
    FieldOfModels(.deviceReadOnly, [.nvdimm], declarable: persistent),
    FieldOfModels(.deviceUUID, [.nvdimm], declarable: persistent),
  ]
}
