// SPDX-License-Identifier: Apache-2.0

/// A place in a file, counted from 1 as editors do.
public struct SourcePosition: Hashable, Sendable, CustomStringConvertible {
  /// The file as it was named on the command line, or found below a folder named there.
  public let file: String
  /// The line.
  public let line: Int
  /// The column, in characters.
  public let column: Int

  /// Makes a place.
  public init(file: String, line: Int, column: Int) {
    self.file = file
    self.line = line
    self.column = column
  }

  /// `file:line:column`.
  public var description: String { "\(file):\(line):\(column)" }
}
