// SPDX-License-Identifier: Apache-2.0

/// The apply that holds the lock of a host, as the lock's file tells it.
///
/// Every user of the machine can write the file, so what it says is shown and decides nothing.
package struct LockHolder: Hashable, Sendable {
  /// The name of the user who runs the apply; nil where the file does not say it.
  package var user: String?
  /// The number of the process; nil where the file does not say it.
  package var processID: String?
  /// The time at which it took the lock (RFC 3339); nil where the file does not say it.
  package var since: String?
  /// The note of the run; nil where it has none.
  package var note: String?

  /// Makes the holder of a lock.
  package init(
    user: String? = nil, processID: String? = nil, since: String? = nil, note: String? = nil
  ) {
    self.user = user
    self.processID = processID
    self.since = since
    self.note = note
  }

  /// Reads the text of a lock's file; members that are missing or unknown are left out.
  package init(record text: String) {
    self.init()
    for line in text.split(whereSeparator: \.isNewline) {
      let parts = line.split(separator: " ", maxSplits: 1)
      guard parts.count == 2 else { continue }
      let value = String(parts[1])
      switch parts[0] {
      case "user": user = value
      case "pid": processID = value
      case "since": since = value
      case "note": note = value
      default: break
      }
    }
  }

  /// The text of the lock's file: a line for each member, such as `user alice`.
  package var record: String {
    let members = [("user", user), ("pid", processID), ("since", since), ("note", note)]
    return members.compactMap { name, value in
      value.map { "\(name) \($0.split(whereSeparator: \.isNewline).joined(separator: " "))\n" }
    }.joined()
  }
}
