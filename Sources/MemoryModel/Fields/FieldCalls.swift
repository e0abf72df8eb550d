// SPDX-License-Identifier: Apache-2.0

/// The libvirt calls that change a field of the live and of the persistent definition.
package struct FieldCalls: Hashable, Sendable {
  /// The calls that change the field of a running guest; empty if only a start changes it.
  package let live: [Action]
  /// The call that changes the field of the persistent definition.
  package let persistent: Action
  private let parameter: String?
  private let note: String?

  private init(
    live: [Action], persistent: Action, parameter: String? = nil, note: String? = nil
  ) {
    self.live = live
    self.persistent = persistent
    self.parameter = parameter
    self.note = note
  }

  /// A redefinition; a running guest keeps the value that it started with.
  package static let redefinition = FieldCalls(live: [], persistent: .redefine)

  /// The same C function for both definitions; virtmem calls it once for each.
  ///
  /// `parameter` is its typed parameter.
  static func both(_ action: Action, _ parameter: String? = nil, note: String? = nil) -> FieldCalls
  {
    FieldCalls(live: [action], persistent: action, parameter: parameter, note: note)
  }

  /// A call for the persistent definition; `parameter` is its flag or typed parameter.
  static func persistent(
    _ action: Action, _ parameter: String, note: String? = nil
  ) -> FieldCalls {
    FieldCalls(live: [], persistent: action, parameter: parameter, note: note)
  }

  /// Calls for a device of a running guest, and a redefinition for the persistent definition.
  static func device(_ actions: Action...) -> FieldCalls {
    FieldCalls(live: actions, persistent: .redefine)
  }

  /// Whether a call other than a redefinition changes the field of the persistent definition.
  package var hasOwnPersistentCall: Bool { persistent != .redefine }

  /// The calls as `explain` shows them.
  package var text: String {
    let suffix = note.map { "; \($0)" } ?? ""
    if live.isEmpty {
      return persistent.function + (parameter.map { "(\($0))" } ?? "") + ", persistent only"
        + suffix
    }
    let functions = live.map(\.function).joined(separator: ", ")
    return hasOwnPersistentCall
      ? functions + (parameter.map { "(\($0))" } ?? "") + ", live and persistent" + suffix
      : functions + " live; persistent a redefinition" + suffix
  }
}

extension FieldName {
  /// The calls that change the field; a group is changed by a redefinition.
  package var calls: FieldCalls { Field.named(self)?.calls ?? .redefinition }
}
