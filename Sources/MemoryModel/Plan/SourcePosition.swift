// SPDX-License-Identifier: Apache-2.0

/// A place in a file, counted from 1 as editors do.
package struct SourcePosition: Hashable, Sendable, CustomStringConvertible {
  /// The file as it was named on the command line, or found below a folder named there.
  package let file: String
  /// The line.
  package let line: Int
  /// The column, in characters.
  package let column: Int

  /// Makes a place.
  package init(file: String, line: Int, column: Int) {
    self.file = file
    self.line = line
    self.column = column
  }

  /// `file:line:column`.
  package var description: String { "\(file):\(line):\(column)" }
}
