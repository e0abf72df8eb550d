// SPDX-License-Identifier: Apache-2.0

import MemoryModel

/// The command that a user gives after `plan`, ready to be pasted into a shell.
struct NextCommand {
  private let words: [String]

  /// The command that performs the plan of `run`, which was saved in `file`; nil if none does.
  init?(after run: PlanningRun, savedIn file: String?) {
    if let file {
      guard !run.offline.isUsed else { return nil }
      words = ["virtmem", "apply", "--plan", file]
      return
    }
    guard !run.offline.isUsed, !run.snapshots.isUsed,
      !(run.manifests.paths + [run.changes.old]).contains("-")
    else {
      return nil
    }
    var words = ["virtmem", "apply"] + run.manifests.paths
    if let uri = run.connection.uri { words += ["-c", uri] }
    words += run.selection.domains.flatMap { ["--domain", $0] }
    words += run.selection.selectors.flatMap { ["-l", $0.text] }
    if let old = run.changes.old { words += ["--changed-from", old] }
    if let allowed = run.planning.allowed { words += ["--allow", allowed.rawValue] }
    self.words = words
  }

  /// The line for the end of a plan's text.
  var text: ShownText { "Next: \(words.map(Self.quoted).joined(separator: " "))\n" }

  private static func quoted(_ word: String) -> String {
    let isPlain =
      !word.isEmpty
      && word.utf8.allSatisfy { byte in
        UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte
          || UInt8(ascii: "A")...UInt8(ascii: "Z") ~= byte
          || UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte || "-_./:=+,@%".utf8.contains(byte)
      }
    return isPlain ? word : "'\(word.replacing("'", with: #"'\''"#))'"
  }
}
