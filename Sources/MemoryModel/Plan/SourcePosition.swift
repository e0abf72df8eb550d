// SPDX-License-Identifier: Apache-2.0

/// A place in a file; lines and columns count from 1, as in editors.
package struct SourcePosition: Hashable, Sendable, CustomStringConvertible {
  /// The path as given on the command line, or of a file found below a folder given there.
  package let file: String
  /// The number of the line.
  package let line: Int
  /// The number of the column, in characters.
  package let column: Int

  /// Makes a place in a file.
  package init(file: String, line: Int, column: Int) {
    self.file = file
    self.line = line
    self.column = column
  }

  /// The start of a file, for a message about the file as a whole.
  package static func start(of file: String) -> SourcePosition {
    SourcePosition(file: file, line: 1, column: 1)
  }

  /// The place as `file:line:column`.
  package var description: String { "\(file):\(line):\(column)" }
}
