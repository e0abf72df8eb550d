// SPDX-License-Identifier: Apache-2.0

/// How messages show what a user wrote: short, in one line, and harmless to a terminal.
enum Quotation {
  /// `text` in single quotes.
  static func quoted(_ text: String) -> String { "'\(shortened(text))'" }

  /// At most the first 48 characters of `text`, what can't be seen written as its code.
  static func shortened(_ text: String) -> String {
    let longest = 48
    let scalars = text.unicodeScalars.prefix(longest + 1)
    let shown = scalars.prefix(longest).map(visible).joined()
    return scalars.count > longest ? shown + "…" : shown
  }

  private static func visible(_ scalar: UnicodeScalar) -> String {
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned:
      "\\u{\(String(scalar.value, radix: 16, uppercase: true))}"
    default: String(scalar)
    }
  }
}
