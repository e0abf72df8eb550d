// SPDX-License-Identifier: Apache-2.0

internal import MemoryModel

/// How messages show what a user wrote: short, in one line, and harmless to a terminal.
package enum Quotation {
  /// `text` in single quotes.
  package static func quoted(_ text: String) -> String { "'\(shortened(text))'" }

  /// At most the first 48 characters of `text`, what can't be seen written as its code.
  package static func shortened(_ text: String) -> String {
    let longest = 48
    let scalars = text.unicodeScalars.prefix(longest + 1)
    let shown = String(String.UnicodeScalarView(scalars.prefix(longest))).visible
    return scalars.count > longest ? shown + "…" : shown
  }
}
