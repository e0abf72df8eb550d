// SPDX-License-Identifier: Apache-2.0

package import MemoryModel

/// The rules that only snapshots can break.
extension Rule {
  package static let notASnapshot = Rule("not-a-snapshot", mistake: "a file that is not a snapshot")

  package static let unknownSnapshotFormat = Rule(
    "unknown-snapshot-format", mistake: "a snapshot in a format that this version cannot read")

  package static let cutSnapshot = Rule("cut-snapshot", mistake: "a snapshot whose end is missing")

  package static let invalidSnapshot = Rule(
    "invalid-snapshot", mistake: "a snapshot with content that virtmem does not write")

  package static let alteredSnapshot = Rule(
    "altered-snapshot", mistake: "a snapshot that was changed after virtmem wrote it")

  static let ofSnapshots = [
    notASnapshot, unknownSnapshotFormat, cutSnapshot, invalidSnapshot, alteredSnapshot,
  ]
}
