// SPDX-License-Identifier: Apache-2.0

internal import Platform
package import YAML
package import MemoryModel

/// Reads manifests, and reports every mistake of all files in one run.
package enum ManifestReader {
  /// The desired state from the manifests at `paths`: files, folders, or `-` for standard input.
  ///
  /// With `needsHosts`, a Domain that does not declare its `host` is a mistake. If the diagnostics
  /// contain an error, the caller must not use the state.
  package static func read(
    paths: [String], needsHosts: Bool = false
  ) -> (state: DesiredState, diagnostics: [Diagnostic]) {
    let (sources, unreadable) = ManifestFiles.read(paths: paths)
    return read(sources, unreadable: unreadable, needsHosts: needsHosts)
  }

  /// The desired state from the manifests in `sources`; diagnostics come in the order of files and
  /// lines.
  ///
  /// If the diagnostics contain an error, the caller must not use the state.
  package static func read(
    sources: [YAMLSource]
  ) -> (state: DesiredState, diagnostics: [Diagnostic]) {
    read(sources, unreadable: [], needsHosts: false)
  }

  private static func read(
    _ sources: [YAMLSource], unreadable: [Diagnostic], needsHosts: Bool
  ) -> (state: DesiredState, diagnostics: [Diagnostic]) {
    var diagnostics: [Diagnostic] = []
    var foreign: [Diagnostic] = []
    var documents: [ManifestDocument] = []
    var unreadableTexts: [ArraySlice<UInt8>] = []
    for source in sources {
      if let kind = InputKind(source), kind != .manifest {
        // No line of the file is shown: XML has passwords that are no URI's.
        foreign.append(kind.mistake(in: source.file))
        unreadableTexts.append(source.bytes[...])
        continue
      }
      let reading = YAMLReader.readEach(source) { nodes in
        var decoder = ManifestDecoder(file: source.file)
        return (nodes.map { decoder.document($0) }, decoder.mistakes)
      }
      if isTemplate(source, reading.diagnostics) {
        foreign.append(InputKind.helmTemplate.mistake(in: source.file))
        unreadableTexts.append(source.bytes[...])
        continue
      }
      documents += reading.documents
      diagnostics += reading.diagnostics
      unreadableTexts += reading.unreadable
    }
    let doubtful = Doubt(
      hasUnreadableFiles: !unreadable.isEmpty, texts: unreadableTexts, documents: documents)
    let merging = ManifestMerging(documents, isPossiblyDeclared: doubtful.mayDeclare)
    diagnostics += merging.mistakes
    if needsHosts { diagnostics += merging.domains.filter { $0.host == nil }.map(withoutHost) }
    let state = DesiredState(
      hosts: merging.hosts.sorted { $0.name < $1.name }, domains: merging.domains,
      profileCount: merging.profiles.count)
    if documents.isEmpty, (unreadable + foreign + diagnostics).isEmpty {
      return (state, [noDocuments(in: sources)])
    }
    return (state, unreadable + foreign + shown(diagnostics, of: sources))
  }

  /// Whether a file is no YAML because Helm has to fill it in first.
  private static func isTemplate(_ source: YAMLSource, _ mistakes: [Diagnostic]) -> Bool {
    mistakes.contains { $0.rule == .syntax } && source.bytes.contains(Array("{{".utf8))
  }

  /// Names that files and documents may declare that virtmem could not read.
  private struct Doubt {
    private let hasUnreadableFiles: Bool
    private var names: Set<String> = []

    init(hasUnreadableFiles: Bool, texts: [ArraySlice<UInt8>], documents: [ManifestDocument]) {
      self.hasUnreadableFiles = hasUnreadableFiles
      for case .unknown(let name?) in documents { names.insert(name) }
      let separators = Array(" \t\r\n,:[]{}\"'#".utf8)
      for text in texts {
        // UTF-16 text becomes readable ASCII without its zero bytes.
        for word in text.filter({ $0 != 0 }).split(whereSeparator: separators.contains) {
          names.insert(String(decoding: word, as: UTF8.self))
        }
      }
    }

    func mayDeclare(_ name: String) -> Bool {
      hasUnreadableFiles || names.contains(name)
    }
  }

  private static func withoutHost(_ domain: DesiredDomain) -> Diagnostic {
    Diagnostic(
      .error, rule: .shardNeedsHost, domain: domain.name,
      summary: "the Domain does not declare its host",
      detail: "--shard selects domains by their hosts, before virtmem connects to any.",
      remedy: "Declare `host` in spec, or leave out --shard.", source: domain.position)
  }

  private static func noDocuments(in sources: [YAMLSource]) -> Diagnostic {
    let files = sources.map { Quotation.quoted($0.file) }.prefix(3).joined(separator: ", ")
    return Diagnostic(
      .warning, rule: .noManifests,
      summary: "there is no document in \(files.isEmpty ? "no file" : files)",
      detail: "So nothing is managed, and nothing can differ.",
      remedy: "Look whether what writes the manifests has failed.")
  }

  /// The diagnostics without duplicates, in the order of files and places, each with its source
  /// line.
  private static func shown(
    _ diagnostics: [Diagnostic], of sources: [YAMLSource]
  ) -> [Diagnostic] {
    var byFile = Dictionary(grouping: diagnostics) { $0.source?.file ?? "" }
    return sources.flatMap { source in
      // Each use of a YAML alias reports the same mistake at the same place.
      var seen: Set<Diagnostic> = []
      let unique = (byFile.removeValue(forKey: source.file) ?? []).filter {
        seen.insert($0).inserted
      }
      let sorted = unique.sorted { left, right in
        guard let left = left.source, let right = right.source else { return false }
        return (left.line, left.column) < (right.line, right.column)
      }
      return source.showingLines(of: sorted)
    }
  }
}
