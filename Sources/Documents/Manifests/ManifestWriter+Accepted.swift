// SPDX-License-Identifier: Apache-2.0

internal import YAML
package import MemoryModel

extension ManifestWriter {
  /// `domain` without the fields that a manifest rejects in combination, each with a remark.
  ///
  /// An XML file may hold a definition that libvirt rejects. virtmem reads the manifest back to
  /// find such fields, so the reader's rules need not be repeated here.
  package static func accepted(_ domain: ExportedDomain) -> ExportedDomain {
    var result = domain
    while canName(domain.name) {
      let before = result.configuration
      for mistake in mistakes(in: result) {
        guard let field = mistake.field else { continue }
        result.leaveOut(field, mistake.summary)
      }
      if result.configuration == before { break }
    }
    return result
  }

  private static func mistakes(in domain: ExportedDomain) -> [Diagnostic] {
    var unplaced = domain
    // The manifest that declares its Host is not part of this text.
    unplaced.host = nil
    let text = text(of: unplaced, origin: "")
    return ManifestReader.read(sources: [YAMLSource(file: "", text: text)]).diagnostics
      .filter { $0.severity == .error }
  }
}

extension ExportedDomain {
  /// Removes a field, and adds a remark.
  ///
  /// For a field of a device the whole device is removed, because virtmem might not recognize the
  /// device by its other fields.
  fileprivate mutating func leaveOut(_ field: FieldPath, _ reason: String) {
    let before = configuration
    if let item = field.item, field.name.state == .deviceState {
      configuration.devices.removeAll { $0.hasKey(item) }
      guard configuration != before else { return }
      remarks.append(Remark(FieldPath(.device, item), "is left out: \(reason)"))
    } else {
      configuration[field] = nil
      guard configuration != before else { return }
      remarks.append(Remark(field, "is left out: \(reason)"))
    }
  }
}
