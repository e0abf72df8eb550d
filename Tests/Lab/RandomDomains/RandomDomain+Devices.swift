// SPDX-License-Identifier: Apache-2.0
import MemoryModel

/// Random memory devices.
extension RandomDomain {
  /// A new, changed or removed device.
  mutating func device(_ definition: MemoryConfiguration) -> [FieldPath: FieldValue?] {
    let there = definition.devices.filter { !$0.isOneOfSeveral }
    guard !there.isEmpty, !oneIn(3) else { return newDevice(definition) }
    let device = pick(there)
    guard !oneIn(3) else {
      return removal(FieldPath(.deviceState, device.key), definition)
    }
    var values = identity(device, definition)
    let (name, value) = deviceField(definition, device.model ?? .dimm)
    values[FieldPath(name, device.key)] = .some(value)
    return values
  }

  /// The values that identify a device without an alias.
  private func identity(
    _ device: MemoryDevice, _ definition: MemoryConfiguration
  ) -> [FieldPath: FieldValue?] {
    guard device.alias == nil else { return [:] }
    let names: [FieldName] = [
      .deviceModel, .deviceSize, .deviceBlock, .deviceNode, .devicePageSize, .deviceNodemask,
      .devicePath,
    ]
    return names.reduce(into: [:]) { values, name in
      let field = FieldPath(name, device.key)
      if let value = definition[field] { values[field] = .some(value) }
    }
  }

  private mutating func newDevice(
    _ definition: MemoryConfiguration
  ) -> [FieldPath: FieldValue?] {
    let name = "d\(between(0, 1 << 40))"
    let model = pick([MemoryDevice.Model.dimm, .dimm, .virtioMem, .virtioMem, .nvdimm, .virtioPmem])
    var values: [FieldPath: FieldValue?] = [
      FieldPath(.deviceModel, name): .word(model.rawValue),
      FieldPath(.deviceSize, name): deviceSize(),
    ]
    func need(_ field: FieldName, _ value: FieldValue) { values[FieldPath(field, name)] = value }
    if model != .virtioPmem && !oneIn(8) { need(.deviceNode, node(definition)) }
    if model == .virtioMem && !oneIn(8) {
      need(.deviceBlock, block())
      need(.deviceRequested, requested())
    }
    if model == .virtioPmem || model == .nvdimm, !oneIn(8) {
      need(.devicePath, .word("/tmp/\(name)"))
    }
    for _ in 0..<between(0, 2) {
      let (field, value) = deviceField(definition, model)
      values[FieldPath(field, name)] = .some(value)
    }
    if oneIn(5) { need(.deviceState, .word("present")) }
    return values
  }

  /// A random field, mostly one that the model supports.
  private mutating func deviceField(
    _ definition: MemoryConfiguration, _ model: MemoryDevice.Model
  ) -> (FieldName, FieldValue) {
    let any: [FieldName] = [
      .deviceSize, .deviceBlock, .deviceRequested, .deviceNode, .deviceAccess, .deviceDiscard,
      .devicePageSize, .deviceNodemask, .devicePath, .deviceAlignSize, .deviceLabelSize,
      .devicePmem, .deviceReadOnly,
    ]
    let own: [FieldName] =
      switch model {
      case .dimm:
        [
          .deviceSize, .deviceNode, .deviceAccess, .deviceDiscard, .devicePageSize,
          .deviceNodemask,
        ]
      case .virtioMem:
        [
          .deviceSize, .deviceBlock, .deviceRequested, .deviceNode, .deviceAccess,
          .devicePageSize, .deviceNodemask,
        ]
      case .nvdimm:
        [
          .deviceSize, .deviceNode, .deviceAccess, .devicePath, .deviceAlignSize,
          .deviceLabelSize, .devicePmem, .deviceReadOnly,
        ]
      default: [.deviceSize, .deviceAccess, .devicePath]
      }
    let name = pick(oneIn(6) ? any : own)
    return (name, value(of: name, definition))
  }

  private mutating func value(
    of name: FieldName, _ definition: MemoryConfiguration
  ) -> FieldValue {
    switch name {
    case .deviceSize: deviceSize()
    case .deviceBlock: block()
    case .deviceRequested: requested()
    case .deviceNode: node(definition)
    case .deviceAccess: word("shared", "private")
    case .devicePageSize: .size(pick([.mebibytes(2), .gibibytes(1)]))
    case .deviceNodemask: .nodes(NodeSet([0...(oneIn(6) ? 3 : 0)]))
    case .devicePath: .word("/tmp/p\(between(0, 9))")
    case .deviceAlignSize: .size(.mebibytes(2))
    case .deviceLabelSize: .size(.kibibytes(pick([64, 128, 256, 1 << 20])))
    default: .flag(oneIn(2))
    }
  }

  private mutating func deviceSize() -> FieldValue {
    .size(.kibibytes(oneIn(4) ? between(1, 40_000) : between(1, 16) * 2048))
  }

  private mutating func block() -> FieldValue {
    .size(.kibibytes(pick([2048, 2048, 2048, 4096, 3072, 1024])))
  }

  private mutating func requested() -> FieldValue {
    .size(.kibibytes(oneIn(6) ? between(1, 40_000) : between(0, 8) * 2048))
  }

  private mutating func node(_ definition: MemoryConfiguration) -> FieldValue {
    .count(oneIn(8) ? 7 : between(0, UInt64(max(1, definition.cells.count)) - 1))
  }
}
