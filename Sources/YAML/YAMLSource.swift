// SPDX-License-Identifier: Apache-2.0

package import MemoryModel

/// A text that was read, and the name that messages give it.
package struct YAMLSource: Sendable {
  /// The most bytes that a file may have: 32 MiB.
  package static let maximumSize = 32 << 20

  /// The file as it was named on the command line, or found below a folder named there.
  package let file: String
  /// What was read.
  package let bytes: [UInt8]

  /// Makes a source of bytes.
  package init(file: String, bytes: [UInt8]) {
    self.file = file
    self.bytes = bytes
  }

  /// Makes a source of text.
  package init(file: String, text: String) {
    self.init(file: file, bytes: Array(text.utf8))
  }

  /// The diagnostics about this file, each with the line that it is about.
  ///
  /// A line too long to be shown under a message is left out.
  package func showingLines(of diagnostics: [Diagnostic]) -> [Diagnostic] {
    guard diagnostics.contains(where: { $0.source?.file == file }) else { return diagnostics }
    let starts = lineStarts
    return diagnostics.map { diagnostic in
      guard let source = diagnostic.source, source.file == file else { return diagnostic }
      var shown = diagnostic
      let line = line(source.line, starts: starts)?.hidingPasswords(caret: source.column)
      shown.sourceLine = line?.text
      shown.caret = line?.caret
      return shown
    }
  }

  /// Where each line begins, the byte order mark that may be there not counted.
  private var lineStarts: [Int] {
    var starts = [YAMLText.byteOrderMarkLength(bytes)]
    for index in bytes.indices where YAMLText.endsLine(bytes, at: index) {
      starts.append(index + 1)
    }
    return starts
  }

  private func line(_ number: Int, starts: [Int]) -> String? {
    let longest = 4096
    guard starts.indices.contains(number - 1) else { return nil }
    let start = starts[number - 1]
    let end = number < starts.count ? starts[number] : bytes.count
    guard end - start <= longest else { return nil }
    let isBreak = { (byte: UInt8) in byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") }
    let text = bytes[start..<end].prefix { !isBreak($0) }
    // What is no text must not reach a terminal as it is.
    return String(
      String(decoding: text, as: UTF8.self).unicodeScalars.map {
        $0 != "\t" && $0.properties.generalCategory == .control ? "\u{FFFD}" : Character($0)
      })
  }
}
