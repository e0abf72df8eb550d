// SPDX-License-Identifier: Apache-2.0

/// A field that a step writes or waits for.
package struct Change: Hashable, Sendable {
  /// The field's name.
  package var field: FieldPath
  /// The value before the step; nil if the definition does not have the field.
  package var from: FieldValue?
  /// The value after the step; nil if the step removes the field.
  package var to: FieldValue?

  /// Makes a change.
  package init(field: FieldPath, from: FieldValue?, to: FieldValue?) {
    self.field = field
    self.from = from
    self.to = to
  }

  /// Whether the change gives the field another value.
  ///
  /// A call may have to send a field unchanged, together with another field.
  package var changesValue: Bool { from != to }

  /// Whether the change makes a size or a limit smaller (`unlimited` is the largest), or removes a
  /// memory device.
  package var takesMemory: Bool {
    switch (from, to) {
    case (.size(let from), .size(let to)): to < from
    case (.unlimited, .size): true
    case (_, ItemState.absent.fieldValue): field.name == .deviceState
    default: false
    }
  }
}

extension [Change] {
  /// The changes that give their field another value.
  package var changingValue: [Change] { filter(\.changesValue) }

  /// The fields that get another value.
  package var changedFields: [FieldPath] { lazy.filter(\.changesValue).map(\.field) }
}

/// A libvirt call with all values that it writes, on one plane and never on both.
package struct Call: Hashable, Sendable {
  /// The call that virtmem makes.
  package var action: Action
  /// The definition that the call writes.
  package var plane: Plane
  /// Every field that the call writes, including fields that it sends unchanged.
  package var changes: [Change]
  /// The form in which the driver accepts the call.
  package var form: CallForm

  /// Makes a call.
  package init(
    _ action: Action, on plane: Plane, changes: [Change], form: CallForm = .flagged
  ) {
    self.action = action
    self.plane = plane
    self.changes = changes
    self.form = form
  }

  /// The C function that virtmem calls.
  package var api: String { form == .plain ? action.plainFunction : action.function }

  /// The call's flags in libvirt's words, without the `VIR_DOMAIN_AFFECT_` and `VIR_DOMAIN_MEM_`.
  package var flags: [String] {
    guard form == .flagged, let flags = action.flags else { return [] }
    return [plane == .live ? "LIVE" : "CONFIG"] + flags
  }

  /// The fields whose value the call changes.
  package var changed: [FieldPath] { changes.changedFields }

  /// The value that the call gives `field`; nil if the call does not write it or removes it.
  package func target(of field: FieldPath) -> FieldValue? {
    changes.first { $0.field == field }?.to
  }
}
