// SPDX-License-Identifier: Apache-2.0

package import MemoryModel

/// Some of the fields, by their paths or those of groups: `memtune,currentMemory,numa.cells`.
package struct FieldSelection: Hashable, Sendable {
  private let paths: [String]

  /// Reads a name of a field or a group; nil where nothing is called so.
  ///
  /// An item's place takes its name or `*`; what is selected of an item ends there or goes on.
  package init?(_ names: [String]) {
    guard names.allSatisfy(Self.isKnown) else { return nil }
    paths = names
  }

  /// Whether `name` is a field's or a group's.
  package static func isKnown(_ name: String) -> Bool {
    FieldName(name) != nil || FieldPath(name) != nil
  }

  /// Whether `path` is one of the fields.
  package func contains(_ path: FieldPath) -> Bool {
    let spellings = [path.description, path.name.text]
    return paths.contains { selected in
      spellings.contains { $0 == selected || $0.hasPrefix("\(selected).") }
    }
  }

  /// Whether anything is selected of the device called `name`.
  func reaches(device name: String) -> Bool {
    paths.contains { selected in
      ["devices.*", "devices.\(name)"].contains { selected == $0 || selected.hasPrefix("\($0).") }
    }
  }
}
