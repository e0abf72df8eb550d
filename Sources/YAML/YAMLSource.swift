// SPDX-License-Identifier: Apache-2.0

package import MemoryModel

/// The bytes of a file, with the name that messages use for it.
package struct YAMLSource: Sendable {
  /// The largest size of a file in bytes: 32 MiB.
  package static let maximumSize = 32 << 20

  /// The path as given on the command line, or of a file found below a folder given there.
  package let file: String
  /// The bytes of the file.
  package let bytes: [UInt8]

  /// Makes a source from bytes.
  package init(file: String, bytes: [UInt8]) {
    self.file = file
    self.bytes = bytes
  }

  /// Makes a source from text.
  package init(file: String, text: String) {
    self.init(file: file, bytes: Array(text.utf8))
  }

  /// The diagnostics, with the source line added to each that has a place in this file.
  ///
  /// A line of more than 4096 bytes is left out, because it is too long for a message. A file with
  /// a U+0000 is no YAML and may hold anything, so none of its lines is shown.
  package func showingLines(of diagnostics: [Diagnostic]) -> [Diagnostic] {
    guard diagnostics.contains(where: { $0.source?.file == file }), !bytes.contains(0) else {
      return diagnostics
    }
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

  /// The offset of each line in ``bytes``; a byte order mark is not part of the first line.
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
    // Control characters from a file must not reach the terminal.
    return String(
      String(decoding: text, as: UTF8.self).unicodeScalars.map {
        $0 != "\t" && $0.properties.generalCategory == .control ? "\u{FFFD}" : Character($0)
      })
  }
}
