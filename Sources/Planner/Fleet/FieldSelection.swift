// SPDX-License-Identifier: Apache-2.0

package import MemoryModel

/// Some of the fields, by their paths or those of groups: `memtune,currentMemory,numa.cells`.
package struct FieldSelection: Hashable, Sendable {
  /// Fields and groups; of an item's, those of every item.
  private var names: [FieldName] = []
  /// Fields and groups of one item.
  private var paths: [FieldPath] = []

  /// Makes the selection of fields and groups by their names; nil where a name is unknown.
  ///
  /// In an item's place stands its name or `*`; the part after it can be left out.
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

  /// Whether `path` is one of the fields.
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
