// SPDX-License-Identifier: Apache-2.0

package import MemoryModel

/// The rules that only snapshots can break.
extension Rule {
  package static let notASnapshot = Rule("not-a-snapshot", mistake: "a file that is no snapshot")

  package static let unknownSnapshotFormat = Rule(
    "unknown-snapshot-format", mistake: "a snapshot of a format that this version does not read")

  package static let cutSnapshot = Rule("cut-snapshot", mistake: "a snapshot that was cut off")

  package static let invalidSnapshot = Rule(
    "invalid-snapshot", mistake: "something in a snapshot that virtmem does not write there")

  package static let alteredSnapshot = Rule(
    "altered-snapshot", mistake: "the snapshot is not byte for byte what was written")

  static let ofSnapshots = [
    notASnapshot, unknownSnapshotFormat, cutSnapshot, invalidSnapshot, alteredSnapshot,
  ]
}
