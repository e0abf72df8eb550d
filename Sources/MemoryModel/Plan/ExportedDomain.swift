// SPDX-License-Identifier: Apache-2.0

/// What a manifest has to say for a domain to be as it is.
package struct ExportedDomain: Hashable, Sendable {
  /// Something of the domain that the manifest does not say, and why.
  package struct Remark: Hashable, Sendable {
    /// The field that is left out.
    package var field: FieldPath
    /// Why, and what there is, in one line.
    package var text: String

    /// Makes a remark.
    package init(_ field: FieldPath, _ text: String) {
      self.field = field
      self.text = text
    }
  }

  /// The domain's name in libvirt.
  package var name: String
  /// The Host's name; nil where no Host is declared.
  package var host: String?
  /// What is said, with each device by the name that the manifest gives it.
  package var configuration: MemoryConfiguration
  /// What is left out, in the table's order.
  package var remarks: [Remark]

  /// Makes an exported domain.
  package init(
    name: String, host: String? = nil, configuration: MemoryConfiguration = MemoryConfiguration(),
    remarks: [Remark] = []
  ) {
    self.name = name
    self.host = host
    self.configuration = configuration
    self.remarks = remarks
  }
}

extension MemoryConfiguration {
  /// The names that manifests know the memory devices by, in the order of the definition.
  ///
  /// A device's user alias; `MODEL-N` for one without, N counted from 0 for each model in the
  /// order of the definition. A number whose name is somebody's alias is passed over.
  package var deviceNames: [String] {
    let aliases = Set(devices.compactMap(\.alias))
    var counts: [String: Int] = [:]
    return devices.map { device in
      if let alias = device.alias { return alias }
      let model = device.model?.rawValue ?? "device"
      while true {
        let number = counts[model, default: 0]
        counts[model] = number + 1
        let name = "\(model)-\(number)"
        if !aliases.contains(name) { return name }
      }
    }
  }
}

extension MemoryDevice {
  /// Whether `text` can be a device's name: what libvirt keeps of a user alias.
  package static func isName(_ text: String) -> Bool {
    !text.isEmpty
      && text.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
          true
        default: false
        }
      }
  }
}
