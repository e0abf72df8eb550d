// SPDX-License-Identifier: Apache-2.0

internal import MemoryModel

/// How text is drawn.
///
/// Symbols and words carry the meaning, so colour is optional.
package struct Style: Hashable, Sendable {
  /// Whether to write escape sequences for colour.
  package let usesColor: Bool
  /// The width of the terminal in columns; nil where lines may have any length, as in a log.
  package let width: Int?

  /// Makes a style.
  package init(usesColor: Bool = false, width: Int? = nil) {
    self.usesColor = usesColor
    self.width = width
  }

  enum Paint: String {
    case bold = "1"
    case dim = "2"
    case red = "31"
    case green = "32"
    case yellow = "33"
    case cyan = "36"
  }

  func paint(_ text: ShownText, _ paint: Paint) -> ShownText {
    usesColor && !text.isEmpty ? "\u{1B}[\(paint.rawValue)m\(text)\u{1B}[0m" : text
  }
}

/// A number with its noun, such as `1 step` or `3 steps`.
package func counted(_ count: Int, _ noun: String) -> String {
  "\(count) \(noun)\(count == 1 ? "" : "s")"
}
