// SPDX-License-Identifier: Apache-2.0

internal import Basics
package import MemoryModel
internal import Synchronization

/// A strict reader for YAML 1.2; JSON is a subset of YAML.
package enum YAMLReader {
  /// The greatest depth of nested lists and mappings.
  ///
  /// libyaml's time grows with the square of the depth, so virtmem checks the limit while it reads.
  package static let maximumDepth = 64

  /// The greatest number of values that all aliases of a file together may stand for.
  package static let maximumAliasedValues = 100_000

  /// The values of all documents in `source`, and the errors without their source lines.
  ///
  /// A document with a syntax error is left out, and the others are still read. Of invalid
  /// characters only the first one in each document is reported.
  package static func read(
    _ source: YAMLSource
  ) -> (documents: [YAMLNode], diagnostics: [Diagnostic]) {
    let reading = readEach(source) { ($0, []) }
    return (reading.documents, reading.diagnostics)
  }

  /// The result of reading a file, with the documents that could not be read.
  package struct Reading<Document: Sendable>: Sendable {
    /// The decoded documents.
    package var documents: [Document] = []
    /// The errors of all documents.
    package var diagnostics: [Diagnostic] = []
    /// The bytes of each document that is not valid YAML.
    package var unreadable: [ArraySlice<UInt8>] = []
  }

  /// Like ``read(_:)``, but decodes the documents and returns those that could not be read as well.
  ///
  /// `decode` gets some of the documents at a time, on any thread, and may report errors of its
  /// own.
  package static func readEach<Document: Sendable>(
    _ source: YAMLSource,
    _ decode: @Sendable ([YAMLNode]) -> (documents: [Document], mistakes: [Diagnostic])
  ) -> Reading<Document> {
    if let foreign = foreignEncoding(of: source) {
      return Reading(diagnostics: [foreign], unreadable: [source.bytes[...]])
    }
    let whole = Mutex(Reading<Document>())
    @Sendable func take(_ part: Reading<Document>) {
      whole.withLock { whole in
        whole.documents += part.documents
        whole.diagnostics += part.diagnostics
        whole.unreadable += part.unreadable
      }
    }
    let documents = Array(YAMLText.documents(in: source.bytes))
    // The limit on aliases is for the whole file, so a file with anchors is read on one thread.
    // Most files have none.
    if source.bytes.contains(UInt8(ascii: "&")) {
      take(read(documents[...], of: source, decode))
    } else {
      documents.concurrentParts({ read($0, of: source, decode) }, inOrder: take)
    }
    return whole.withLock(\.self)
  }

  /// The first byte or character that no document may have; nil if there is none.
  package static func flaw(of source: YAMLSource) -> Diagnostic? {
    if let foreign = foreignEncoding(of: source) { return foreign }
    let start = YAMLText.byteOrderMarkLength(source.bytes)
    let all = YAMLText.Document(range: start..<source.bytes.count, firstLine: 1)
    return YAMLText.flaw(in: source.bytes, of: all).map { diagnostic($0, in: source.file) }
  }

  private static func foreignEncoding(of source: YAMLSource) -> Diagnostic? {
    YAMLText.foreignEncoding(source.bytes).map { encoding in
      Diagnostic(
        .error, rule: .notText, summary: "the file is \(encoding), not UTF-8",
        detail: "Manifests and plans are UTF-8 text.", remedy: "Save the file as UTF-8.",
        source: SourcePosition(file: source.file, line: 1, column: 1))
    }
  }

  private static func read<Document: Sendable>(
    _ documents: ArraySlice<YAMLText.Document>, of source: YAMLSource,
    _ decode: ([YAMLNode]) -> (documents: [Document], mistakes: [Diagnostic])
  ) -> Reading<Document> {
    var reading = Reading<Document>()
    var nodes: [YAMLNode] = []
    var aliasedValues = 0
    for document in documents {
      let text = source.bytes[document.range]
      if let flaw = YAMLText.flaw(in: source.bytes, of: document) {
        reading.unreadable.append(text)
        reading.diagnostics.append(diagnostic(flaw, in: source.file))
        continue
      }
      var composer = YAMLComposer(
        YAMLParser(text, firstLine: document.firstLine), file: source.file,
        aliasedValues: aliasedValues)
      if !composer.compose(into: &nodes) { reading.unreadable.append(text) }
      reading.diagnostics += composer.diagnostics
      aliasedValues = composer.aliasedValues
    }
    let (decoded, mistakes) = decode(nodes)
    reading.documents = decoded
    reading.diagnostics += mistakes
    return reading
  }

  private static func diagnostic(_ flaw: YAMLText.Flaw, in file: String) -> Diagnostic {
    Diagnostic(
      .error, rule: .notText, summary: flaw.summary, detail: flaw.detail,
      remedy: flaw.remedy,
      source: SourcePosition(file: file, line: flaw.place.line, column: flaw.place.column))
  }
}
