// SPDX-License-Identifier: Apache-2.0

/// XML that is not what libvirt would take or give: what is wrong, what to do about it, and where.
package struct DomainXMLError: Error, Hashable, Sendable {
  /// What is wrong and the remedy, in whole sentences.
  package var message: String
  /// The line, counted from 1.
  package var line: Int
  /// The column in bytes, counted from 1; for a value, that of the first element on its line.
  package var column: Int

  /// Makes an error.
  package init(message: String, line: Int, column: Int = 1) {
    self.message = message
    self.line = line
    self.column = column
  }

  /// The same error at the first byte of its line in `xml` that is no blank.
  ///
  /// The parser keeps only the lines of elements, and libvirt writes one element a line.
  func afterIndentation(in xml: Span<UInt8>) -> DomainXMLError {
    var located = self
    var currentLine = 1
    var lineStart = 0
    for index in xml.indices {
      switch xml[index] {
      case UInt8(ascii: "\n"):
        currentLine += 1
        lineStart = index + 1
      case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"):
        continue
      default:
        guard currentLine == line else { continue }
        located.column = index - lineStart + 1
        return located
      }
    }
    return located
  }
}
