// SPDX-License-Identifier: Apache-2.0

package import MemoryModel

/// A selection of fields, by the paths of fields or groups: `memtune,currentMemory,numa.cells`.
package struct FieldSelection: Hashable, Sendable {
  /// Fields and groups; of an item's, those of every item.
  private var names: [FieldName] = []
  /// Fields and groups of one item.
  private var paths: [FieldPath] = []

  /// Reads the names of fields and groups; nil if one of them is unknown.
  ///
  /// A path to an item has the item's name or `*`, and can end there or continue with a field.
  package init?(_ texts: [String]) {
    for text in texts {
      if let name = FieldName(text) {
        names.append(name)
      } else if let path = FieldPath(text) {
        paths.append(path)
      } else {
        return nil
      }
    }
  }

  /// Whether `name` is the name of a field or a group.
  package static func isKnown(_ name: String) -> Bool {
    FieldName(name) != nil || FieldPath(name) != nil
  }

  /// Whether `path` is selected.
  package func contains(_ path: FieldPath) -> Bool {
    names.contains { path.name == $0 || path.name.isBelow($0) }
      || paths.contains { path == $0 || path.isBelow($0) }
  }

  /// Whether the selection names the device `name`, or a field of it.
  func reaches(device name: String) -> Bool {
    (names + paths.filter { $0.item == name }.map(\.name))
      .contains { $0 == .device || $0.isBelow(.device) }
  }
}
