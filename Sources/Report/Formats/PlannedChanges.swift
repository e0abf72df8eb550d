// SPDX-License-Identifier: Apache-2.0

internal import MemoryModel

/// How many devices and cells come and go, and how many other fields change.
package struct PlannedChanges {
  /// The devices and cells that no definition of their domain has.
  package private(set) var created = 0
  /// The other fields that change.
  package private(set) var updated = 0
  /// The devices and cells that go.
  package private(set) var deleted = 0

  /// Counts what a run found to change; nothing if it planned nothing.
  package init(of report: RunReport) {
    for domain in report.domains where domain.plan.verdict != .suspended {
      add(domain.plan.fields)
    }
  }

  private mutating func add(_ fields: [PlannedField]) {
    // A field that the definitions have shows that the device or cell exists.
    let existing = Set(
      fields.filter { Self.isPresent($0.live) || Self.isPresent($0.persistent) }
        .compactMap(\.path.ofItem))
    var created: Set<FieldPath> = []
    for field in fields where field.verdict == .change {
      switch (field.path.ofItem, field.path.name) {
      case (let item?, .deviceState), (let item?, .cellState):
        if field.desired == ItemState.absent.fieldValue {
          deleted += 1
        } else {
          created.insert(item)
        }
      case (let item?, let name)
      where [.deviceState, .cellState].contains(name.state) && !existing.contains(item):
        created.insert(item)
      default: updated += 1
      }
    }
    self.created += created.count
  }

  /// Whether a definition has the item of a field with this value.
  private static func isPresent(_ value: FieldValue?) -> Bool {
    value != nil && value != .absence && value != ItemState.absent.fieldValue
  }
}
