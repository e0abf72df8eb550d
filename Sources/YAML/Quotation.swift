// SPDX-License-Identifier: Apache-2.0

internal import MemoryModel

/// Makes text from a user's file safe and short enough for a one-line message.
package enum Quotation {
  /// `text` in single quotes, shortened.
  package static func quoted(_ text: String) -> String { "'\(shortened(text))'" }

  /// The first 48 characters of `text`, with invisible characters escaped; `…` marks a cut.
  package static func shortened(_ text: String) -> String {
    let longest = 48
    let scalars = text.unicodeScalars.prefix(longest + 1)
    let shown = String(String.UnicodeScalarView(scalars.prefix(longest))).visible
    return scalars.count > longest ? shown + "…" : shown
  }
}
