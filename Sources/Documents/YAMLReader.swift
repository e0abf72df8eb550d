// SPDX-License-Identifier: Apache-2.0

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
    let reading = readEach(source)
    return (reading.documents, reading.diagnostics)
  }

  /// What reading came to, with the documents that could not be read.
  struct Reading: Sendable {
    var documents: [YAMLNode] = []
    var diagnostics: [Diagnostic] = []
    var unreadable: [ArraySlice<UInt8>] = []
  }

  /// As ``read(_:)``, with the documents that could not be read as well.
  static func readEach(_ source: YAMLSource) -> Reading {
    var reading = Reading()
    if let encoding = YAMLText.foreignEncoding(source.bytes) {
      reading.unreadable.append(source.bytes[...])
      reading.diagnostics.append(
        Diagnostic(
          .error, rule: YAMLRule.notText.rawValue, summary: "the file is \(encoding), not UTF-8",
          detail: "Manifests and plans are UTF-8 text.", remedy: "Save the file as UTF-8.",
          source: SourcePosition(file: source.file, line: 1, column: 1)))
      return reading
    }
    let documents = Array(YAMLText.documents(in: source.bytes))
    // What aliases stand for is bounded over the whole file, and so is read in one go; but most
    // files have no anchor.
    let parts =
      source.bytes.contains(UInt8(ascii: "&"))
      ? [read(documents[...], of: source)]
      : documents.concurrentParts { read($0, of: source) }
    for part in parts {
      reading.documents += part.documents
      reading.diagnostics += part.diagnostics
      reading.unreadable += part.unreadable
    }
    return reading
  }

  private static func read(
    _ documents: ArraySlice<YAMLText.Document>, of source: YAMLSource
  ) -> Reading {
    var reading = Reading()
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
      if !composer.compose(into: &reading.documents) { reading.unreadable.append(text) }
      reading.diagnostics += composer.diagnostics
      aliasedValues = composer.aliasedValues
    }
    return reading
  }

  private static func diagnostic(_ flaw: YAMLText.Flaw, in file: String) -> Diagnostic {
    Diagnostic(
      .error, rule: YAMLRule.notText.rawValue, summary: flaw.summary, detail: flaw.detail,
      remedy: flaw.remedy,
      source: SourcePosition(file: file, line: flaw.place.line, column: flaw.place.column))
  }
}
