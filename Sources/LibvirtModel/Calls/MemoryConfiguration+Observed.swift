// SPDX-License-Identifier: Apache-2.0

package import MemoryModel

extension MemoryConfiguration {
  /// The value of a field in a normalised definition; for an item also what absence means.
  ///
  /// An item that does not exist has the state `absent`.
  package func observedValue(of field: FieldPath) -> FieldValue? {
    let value = self[field]
    guard value == nil, let row = Field.named(field), row.isOfItem else { return value }
    if field.name.isState { return ItemState.absent.fieldValue }
    guard let absence = row.valueOfAbsence, let state = field.name.state,
      self[FieldPath(state, field.item)] != nil
    else { return nil }
    return absence
  }
}
