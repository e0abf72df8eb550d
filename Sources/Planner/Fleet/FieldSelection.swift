// SPDX-License-Identifier: Apache-2.0

package import MemoryModel

/// A selection of fields, by the paths of fields or groups: `memtune,currentMemory,numa.cells`.
package struct FieldSelection: Hashable, Sendable {
  private let paths: [String]

  /// Reads the names of fields and groups; nil if one of them is unknown.
  ///
  /// A path to an item has the item's name or `*`, and can end there or continue with a field.
  package init?(_ names: [String]) {
    guard names.allSatisfy(Self.isKnown) else { return nil }
    paths = names
  }

  /// Whether `name` is the name of a field or a group.
  package static func isKnown(_ name: String) -> Bool {
    FieldName(name) != nil || FieldPath(name) != nil
  }

  /// Whether `path` is selected.
  package func contains(_ path: FieldPath) -> Bool {
    let spellings = [path.description, path.name.text]
    return paths.contains { selected in
      spellings.contains { $0 == selected || $0.hasPrefix("\(selected).") }
    }
  }

  /// Whether any field of the device called `name` is selected.
  func reaches(device name: String) -> Bool {
    paths.contains { selected in
      ["devices.*", "devices.\(name)"].contains { selected == $0 || selected.hasPrefix("\($0).") }
    }
  }
}
