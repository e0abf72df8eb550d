// SPDX-License-Identifier: Apache-2.0

internal import MemoryModel

/// Finds contradictions within one memory device.
extension ManifestContradictions {
  mutating func checkDevice(_ device: MemoryDevice, _ layer: ManifestLayer) {
    checkBlock(device, layer)
    checkPower(of: device.pageSize, .devicePageSize, device, layer, "no processor has such pages")
    checkPower(of: device.alignSize, .deviceAlignSize, device, layer, "QEMU takes no other")
    checkRequested(device, layer)
    checkLabel(device, layer)
    checkModel(device, layer)
  }

  private mutating func checkBlock(_ device: MemoryDevice, _ layer: ManifestLayer) {
    let path = FieldPath(.deviceBlock, device.key)
    guard case .blockNotPowerOfTwo(let block)? = device.contradictionOfBlock,
      let place = layer.settings[path]?.position
    else { return }
    report(
      .invalidBlock, at: [place], field: path, "\(path.shown) \(block) is no power of two",
      why: "libvirt takes 2 MiB, 4 MiB, 8 MiB and so on.",
      remedy: "Write such a size; at least the host's transparent huge page, mostly 2MiB.")
  }

  private mutating func checkPower(
    of size: MemorySize?, _ name: FieldName, _ device: MemoryDevice, _ layer: ManifestLayer,
    _ reason: String
  ) {
    let path = FieldPath(name, device.key)
    guard let size, size.bytes.nonzeroBitCount != 1, let place = layer.settings[path]?.position
    else { return }
    report(
      .notAPowerOfTwo, at: [place], field: path, "\(path.shown) \(size) is no power of two",
      why: "libvirt takes it, and the domain does not start: \(reason).",
      remedy: "Write a power of two such as 2MiB.")
  }

  private mutating func checkRequested(_ device: MemoryDevice, _ layer: ManifestLayer) {
    let path = FieldPath(.deviceRequested, device.key)
    guard let (requested, place) = Self.largest(of: layer.settings[path]) else { return }
    for contradiction in device.contradictions(ofRequested: requested) {
      switch contradiction {
      case .requestedAboveSize(_, let size):
        guard let other = layer.settings[FieldPath(.deviceSize, device.key)]?.position else {
          continue
        }
        report(
          .requestedContradicts, at: [place, other], field: path,
          "\(path.shown) \(requested) is above the device's size \(size)",
          why: "A device plugs at most its size, which stands at \(other).",
          remedy: "Lower requested, or raise size.")
      case .requestedNotOfBlocks(_, let block):
        // A range may contain a multiple, and checkBlock() reports a block that is no power of two.
        guard case .exactly = device.requested, device.contradictionOfBlock == nil,
          let other = layer.settings[FieldPath(.deviceBlock, device.key)]?.position
        else { continue }
        report(
          .requestedContradicts, at: [place, other], field: path,
          "\(path.shown) \(requested) is no multiple of the device's block \(block)",
          why: "A device plugs whole blocks, whose size stands at \(other).",
          remedy: "Write a multiple of the block.")
      default: break
      }
    }
  }

  /// The setting's size, else its `max`, else its `min`, with the place; nil without any of them.
  private static func largest(
    of setting: Placed<Setting>?
  ) -> (size: MemorySize, position: SourcePosition)? {
    switch setting?.value {
    case .value(.size(let size)): return setting.map { (size, $0.position) }
    case .bounds(let min, let max, _):
      let bound = max ?? min
      return bound.flatMap { bound in bound.value.map { ($0, bound.position) } }
    default: return nil
    }
  }

  private mutating func checkLabel(_ device: MemoryDevice, _ layer: ManifestLayer) {
    let path = FieldPath(.deviceLabelSize, device.key)
    guard let place = layer.settings[path]?.position else { return }
    for contradiction in device.contradictionsOfLabel {
      switch contradiction {
      case .labelTooSmall(let label):
        report(
          .invalidLabelSize, at: [place], field: path, "\(path.shown) \(label) is too small",
          why: "An nvdimm's label takes at least 128 KiB.", remedy: "Write 128KiB or more.")
      case .labelTakesDevice(let label, let size):
        guard let other = layer.settings[FieldPath(.deviceSize, device.key)]?.position else {
          continue
        }
        report(
          .invalidLabelSize, at: [place, other], field: path,
          "\(path.shown) \(label) leaves nothing of the device's size \(size)",
          why: "The label is a part of the device, whose size stands at \(other).",
          remedy: "Lower labelSize, or raise size.")
      default: break
      }
    }
  }

  private mutating func checkModel(_ device: MemoryDevice, _ layer: ManifestLayer) {
    guard let model = device.model,
      let other = layer.settings[FieldPath(.deviceModel, device.key)]?.position
    else { return }
    for row in MemoryDevice.fieldsOfModels where !row.declarable.contains(model) {
      let path = FieldPath(row.name, device.key)
      guard let setting = layer.settings[path], let value = setting.value, value != .unmanaged,
        // A value that means the same as no value causes no contradiction.
        value.fieldValue == nil || value.fieldValue != Field.named(row.name)?.valueOfAbsence
      else { continue }
      report(
        .notOfModel, at: [setting.position, other], field: path,
        "\(path.shown): \(model.withArticle) has no \(row.name.lastPart)",
        why: "Only \(Self.whoHave(row.declarable)) it; the model stands at \(other).",
        remedy: "Take it out, write unmanaged for it, or write another model.")
    }
  }

  private static func whoHave(_ models: [MemoryDevice.Model]) -> String {
    let words = models.map(\.rawValue)
    guard let last = words.last, words.count > 1 else { return "\(words.joined()) has" }
    return "\(words.dropLast().joined(separator: ", ")) and \(last) have"
  }
}

extension MemoryDevice.Model {
  fileprivate var withArticle: String {
    self == .nvdimm || self == .sgxEpc ? "an \(rawValue)" : "a \(rawValue)"
  }
}
