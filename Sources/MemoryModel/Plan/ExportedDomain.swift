// SPDX-License-Identifier: Apache-2.0

/// The manifest content that `export` writes for the current state of a domain.
package struct ExportedDomain: Hashable, Sendable {
  /// A setting of the domain that the manifest leaves out, and why.
  package struct Remark: Hashable, Sendable {
    /// The field that the manifest leaves out.
    package var field: FieldPath
    /// The reason and the current value, in one line.
    package var text: String

    /// Makes a remark.
    package init(_ field: FieldPath, _ text: String) {
      self.field = field
      self.text = text
    }
  }

  /// The domain's name in libvirt.
  package var name: String
  /// The Host's name; nil where the manifests declare no Host.
  package var host: String?
  /// The values to write; every device has the name that the manifest uses.
  package var configuration: MemoryConfiguration
  /// The settings that are left out, in the order of the field table.
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
  /// The names of the memory devices in manifests, in the order of the definition.
  ///
  /// A device's name is its user alias. A device without one is `MODEL-N`; N counts from 0 for each
  /// model in the order of the definition and skips names that are aliases of other devices.
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
  /// Whether `text` is a valid device name: only characters that libvirt accepts in a user alias.
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
