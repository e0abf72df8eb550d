// SPDX-License-Identifier: Apache-2.0

internal import Basics
package import MemoryModel

/// The strict reader of YAML 1.2, and of JSON, which is YAML.
package enum YAMLReader {
  /// How deep a document may be nested.
  ///
  /// libyaml alone takes a time quadratic in the depth, so the bound is held while it reads.
  package static let maximumDepth = 64

  /// How many values all aliases of a file together may stand for.
  package static let maximumAliasedValues = 100_000

  /// Every document of `source` that has a value, and every mistake, without its source line.
  ///
  /// A document with a syntax error is left out, the others are read. What is not text is
  /// reported at its first place in each document.
  package static func read(
    _ source: YAMLSource
  ) -> (documents: [YAMLNode], diagnostics: [Diagnostic]) {
    let reading = readEach(source) { ($0, []) }
    return (reading.documents, reading.diagnostics)
  }

  /// What reading came to, with the documents that could not be read.
  package struct Reading<Document: Sendable>: Sendable {
    /// The documents that were decoded.
    package var documents: [Document] = []
    /// The mistakes of all documents.
    package var diagnostics: [Diagnostic] = []
    /// The bytes of each document that is not YAML.
    package var unreadable: [ArraySlice<UInt8>] = []
  }

  /// As ``read(_:)``, with the documents that could not be read as well, and the others decoded.
  ///
  /// Where a document is read it is decoded too: `decode` is given some of them at a time, on any
  /// thread, and has mistakes of its own.
  package static func readEach<Document: Sendable>(
    _ source: YAMLSource,
    _ decode: @Sendable ([YAMLNode]) -> (documents: [Document], mistakes: [Diagnostic])
  ) -> Reading<Document> {
    var reading = Reading<Document>()
    if let encoding = YAMLText.foreignEncoding(source.bytes) {
      reading.unreadable.append(source.bytes[...])
      reading.diagnostics.append(
        Diagnostic(
          .error, rule: .notText, summary: "the file is \(encoding), not UTF-8",
          detail: "Manifests and plans are UTF-8 text.", remedy: "Save the file as UTF-8.",
          source: SourcePosition(file: source.file, line: 1, column: 1)))
      return reading
    }
    let documents = Array(YAMLText.documents(in: source.bytes))
    // What aliases stand for is bounded over the whole file, and so is read in one go; but most
    // files have no anchor.
    let parts =
      source.bytes.contains(UInt8(ascii: "&"))
      ? [read(documents[...], of: source, decode)]
      : documents.concurrentParts { read($0, of: source, decode) }
    for part in parts {
      reading.documents += part.documents
      reading.diagnostics += part.diagnostics
      reading.unreadable += part.unreadable
    }
    return reading
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
