// SPDX-License-Identifier: Apache-2.0

/// A field that a step writes or waits for.
package struct Change: Hashable, Sendable {
  /// The field's name.
  package var field: FieldPath
  /// What the field is before the step; nil where the definition does not have it.
  package var from: FieldValue?
  /// What the step makes of the field; nil where the step removes it.
  package var to: FieldValue?

  /// Makes a change.
  package init(field: FieldPath, from: FieldValue?, to: FieldValue?) {
    self.field = field
    self.from = from
    self.to = to
  }

  /// Whether the value changes; a value that is sent only along with another one does not.
  package var moves: Bool { from != to }

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
  /// The changes whose value changes.
  package var moving: [Change] { filter(\.moves) }

  /// The fields whose value changes.
  package var movedFields: [FieldPath] { moving.map(\.field) }
}

/// A libvirt call with all that it writes, on one plane and never on both.
package struct Call: Hashable, Sendable {
  /// Which call.
  package var action: Action
  /// Which definition it writes.
  package var plane: Plane
  /// Every field that it writes, including those that are sent only along with another one.
  package var changes: [Change]
  /// How the driver takes it.
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
  package var changed: [FieldPath] { changes.movedFields }

  /// What the call makes of `field`; nil where the call does not write it or removes it.
  package func target(of field: FieldPath) -> FieldValue? {
    changes.first { $0.field == field }?.to
  }
}
