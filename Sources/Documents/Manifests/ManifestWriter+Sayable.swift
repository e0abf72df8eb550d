// SPDX-License-Identifier: Apache-2.0

internal import YAML
package import MemoryModel

extension ManifestWriter {
  /// `domain` without what a manifest can't say together, each with a remark.
  ///
  /// A definition that libvirt refuses may be read from a file all the same. The manifest is read
  /// back, so that no rule of the reader has to be stated here a second time.
  package static func sayable(_ domain: ExportedDomain) -> ExportedDomain {
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
    // Its Host is declared in another file.
    unplaced.host = nil
    let text = text(of: unplaced, origin: "")
    return ManifestReader.read(sources: [YAMLSource(file: "", text: text)]).diagnostics
      .filter { $0.severity == .error }
  }
}

extension ExportedDomain {
  /// Takes out a field; of a device all of it, for the rest might not be found again.
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
