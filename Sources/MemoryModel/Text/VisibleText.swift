// SPDX-License-Identifier: Apache-2.0

extension String {
  /// The text on one line, with passwords hidden and invisible characters written as `\u{…}`.
  ///
  /// This disarms line breaks, escape sequences and characters that change the direction of
  /// writing.
  package var visible: String {
    guard !utf8.allSatisfy({ (0x20..<0x7F).contains($0) }) else { return hidingPasswords }
    let scalars = hidingPasswords.unicodeScalars
    return scalars.map { $0.isVisible ? String($0) : "\\u{\($0.hexadecimal)}" }.joined()
  }
}

extension Unicode.Scalar {
  /// Whether the character is visible or a space, and does not control the output.
  ///
  /// Texts, documents and exported manifests all escape what is not.
  package var isVisible: Bool {
    if isASCII { return (0x20..<0x7F).contains(value) }
    return switch properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned: false
    default: true
    }
  }

  fileprivate var hexadecimal: String { String(value, radix: 16, uppercase: true) }
}
