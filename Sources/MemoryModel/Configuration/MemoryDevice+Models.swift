// SPDX-License-Identifier: Apache-2.0

extension MemoryDevice {
  /// A field that only devices of some models have.
  package struct FieldOfModels: Sendable {
    /// The field.
    package let name: FieldName
    /// The models whose devices have the field.
    package let models: [Model]
    /// The models for which a manifest may declare the field.
    ///
    /// For some of them, libvirt's version decides whether it refuses or drops the field; the
    /// planner then blocks it.
    package let declarable: [Model]

    fileprivate init(_ name: FieldName, _ models: [Model], declarable: [Model]? = nil) {
      self.name = name
      self.models = models
      self.declarable = declarable ?? models
    }
  }

  private static let persistent: [Model] = [.nvdimm, .virtioPmem]

  /// The fields that only devices of some models have.
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
