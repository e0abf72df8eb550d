// SPDX-License-Identifier: Apache-2.0

/// An error in XML from libvirt or for libvirt, with its remedy and its place.
package struct DomainXMLError: Error, Hashable, Sendable {
  /// The mistake and its remedy, in complete sentences.
  package var message: String
  /// The line, counted from 1.
  package var line: Int
  /// The column in bytes, counted from 1; for a value, the column of the first element on its line.
  package var column: Int

  /// Makes an error.
  package init(message: String, line: Int, column: Int = 1) {
    self.message = message
    self.line = line
    self.column = column
  }

  /// The same error with the column of the first byte on its line in `xml` that is not blank.
  ///
  /// libxml2 keeps only the line of an element, and libvirt writes one element per line.
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
