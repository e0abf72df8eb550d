// SPDX-License-Identifier: Apache-2.0

extension String {
  /// The text with `***` in place of each password in a URI.
  package var hidingPasswords: String { hidingPasswords(caret: 1).text }

  /// The text with `***` in place of each password in a URI, and the new position of column
  /// `caret`.
  ///
  /// The password begins after the first colon behind `://` and ends before the last `@`. For a
  /// malformed URI this hides too much rather than too little.
  package func hidingPasswords(caret: Int) -> (text: String, caret: Int) {
    guard utf8.contains(UInt8(ascii: "@")), utf8.contains("://".utf8) else { return (self, caret) }
    let scalars = Array(unicodeScalars)
    var shown = String.UnicodeScalarView()
    var column = caret
    var index = 0
    while index < scalars.count {
      guard let password = Self.password(in: scalars, at: index) else {
        shown.append(scalars[index])
        index += 1
        continue
      }
      shown += scalars[index..<password.lowerBound]
      shown += "***".unicodeScalars
      // A caret inside the password moves to the first `*`.
      if caret > password.upperBound {
        column += 3 - password.count
      } else if caret > password.lowerBound {
        column += password.lowerBound + 1 - caret
      }
      index = password.upperBound
    }
    return (String(shown), column)
  }

  /// The range of the password in the URI whose `://` is at `index`; nil for no URI or no password.
  private static func password(in text: [Unicode.Scalar], at index: Int) -> Range<Int>? {
    guard text[index...].starts(with: "://".unicodeScalars) else { return nil }
    let end = text[index...].firstIndex {
      $0.properties.isWhitespace || "\"'<>".unicodeScalars.contains($0)
    }
    var uri = text[index + 3..<(end ?? text.count)]
    // A colon and no path behind it: a blank or a quotation mark may belong to the password.
    if let colon = uri.firstIndex(of: ":"),
      !uri[colon...].contains(where: { "/@".unicodeScalars.contains($0) })
    {
      uri = text[(index + 3)...].prefix { !Character($0).isNewline }
    }
    guard let at = uri.lastIndex(of: "@") else { return nil }
    for place in uri.indices where place < at {
      if text[place] == ":" { return place + 1..<at }
      // `%3A` is an encoded colon.
      if text[place...].starts(with: "%3A".unicodeScalars)
        || text[place...].starts(with: "%3a".unicodeScalars)
      {
        return Swift.min(place + 3, at)..<at
      }
    }
    return nil
  }
}
