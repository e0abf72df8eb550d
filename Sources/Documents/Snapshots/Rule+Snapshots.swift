// SPDX-License-Identifier: Apache-2.0

package import MemoryModel

/// The rules that only snapshots can break.
extension Rule {
  /// A file that is not a snapshot.
  package static let notASnapshot = Rule("not-a-snapshot", mistake: "a file that is no snapshot")

  /// A snapshot in a format that this version of virtmem does not read.
  package static let unknownSnapshotFormat = Rule(
    "unknown-snapshot-format", mistake: "a snapshot of a format that this version does not read")

  /// A snapshot whose end is missing.
  package static let cutSnapshot = Rule("cut-snapshot", mistake: "a snapshot that was cut off")

  /// A snapshot with content that virtmem does not write at that place.
  package static let invalidSnapshot = Rule(
    "invalid-snapshot", mistake: "something in a snapshot that virtmem does not write there")

  /// A snapshot whose bytes have changed since virtmem wrote it.
  package static let alteredSnapshot = Rule(
    "altered-snapshot", mistake: "the snapshot is not byte for byte what was written")

  static let ofSnapshots = [
    notASnapshot, unknownSnapshotFormat, cutSnapshot, invalidSnapshot, alteredSnapshot,
  ]
}
