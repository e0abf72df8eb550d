// SPDX-License-Identifier: Apache-2.0

package import Platform
package import YAML
package import MemoryModel

/// Finds and reads the files that PATH arguments name.
package enum ManifestFiles {
  /// The name that messages use for standard input.
  package static let standardInput = FileBytes.standardInput

  /// Every file that `paths` name, each once, and an error for each that can't be read.
  ///
  /// A path is a file, a folder (all `*.yaml` and `*.yml` below it in the order of their names,
  /// except hidden ones), or `-` for standard input. A folder without manifests is an error, and so
  /// is a link below a folder that leads out of it; a path itself may be a link.
  package static func read(
    paths: [String]
  ) -> (sources: [YAMLSource], diagnostics: [Diagnostic]) {
    var search = Search()
    for path in paths { search.add(path) }
    return (search.sources, search.diagnostics)
  }

  /// The content of the file at `path`, or of standard input for `-`.
  ///
  /// - Throws: ``UnreadableFile`` if it can't be read or has more than `limit` bytes.
  package static func read(
    file path: String, limit: Int = YAMLSource.maximumSize
  ) throws(UnreadableFile) -> YAMLSource {
    guard path != "-" else {
      return YAMLSource(file: standardInput, bytes: try FileBytes.readStandardInput(limit: limit))
    }
    return YAMLSource(file: path, bytes: try FileBytes.read(path, limit: limit))
  }

  private struct Search {
    var sources: [YAMLSource] = []
    var diagnostics: [Diagnostic] = []
    private var seen: Set<FileBytes.Identity> = []
    private var hasReadStandardInput = false

    mutating func add(_ path: String) {
      if path == "-" {
        if !hasReadStandardInput { read(path) }
        hasReadStandardInput = true
        return
      }
      do {
        guard try FileBytes.status(path).kind == .folder else { return read(path) }
        let before = diagnostics.count
        var found = 0
        try walk(path, below: try FileBytes.resolved(path), found: &found)
        if found == 0 && diagnostics.count == before { reportEmpty(path) }
      } catch {
        report(error)
      }
    }

    /// Reads the manifests in `folder`, which is `root` or below it; `root` has no links.
    private mutating func walk(
      _ folder: String, below root: String, found: inout Int
    ) throws(UnreadableFile) {
      for name in try FileBytes.names(in: folder) where !name.hasPrefix(".") {
        let path = folder.hasSuffix("/") ? folder + name : "\(folder)/\(name)"
        let isManifest = name.hasSuffix(".yaml") || name.hasSuffix(".yml")
        do {
          let status = try FileBytes.status(path, followingLinks: false)
          if status.kind == .folder {
            try walk(path, below: root, found: &found)
          } else if isManifest, try FileBytes.status(path).kind != .folder {
            // A link to a folder may point to a parent folder, so virtmem does not follow it.
            found += 1
            if status.kind == .link, try !isBelow(root, FileBytes.resolved(path)) {
              reportLink(path)
            } else {
              read(path)
            }
          }
        } catch {
          report(error)
        }
      }
    }

    /// Whether the file at `path` is in the folder `root` or deeper; neither has links.
    private func isBelow(_ root: String, _ path: String) -> Bool {
      path.utf8.starts(with: (root.hasSuffix("/") ? root : "\(root)/").utf8)
    }

    private mutating func read(_ path: String) {
      do {
        if path != "-", let identity = try? FileBytes.status(path).identity {
          guard seen.insert(identity).inserted else { return }
        }
        sources.append(try ManifestFiles.read(file: path))
      } catch {
        report(error)
      }
    }

    private mutating func report(_ error: UnreadableFile) {
      diagnostics.append(error.diagnostic)
    }

    private mutating func reportLink(_ path: String) {
      diagnostics.append(
        Diagnostic(
          .error, rule: .linkLeadsOut,
          summary: "the link \(Quotation.quoted(path)) leads out of the folder that was named",
          detail: "Who writes manifests could have any file shown that virtmem's user may read.",
          remedy: "Put the file itself there, or name it as a PATH."))
    }

    private mutating func reportEmpty(_ folder: String) {
      diagnostics.append(
        Diagnostic(
          .error, rule: .noManifests,
          summary: "\(Quotation.quoted(folder)) holds no manifests",
          detail: "No *.yaml or *.yml is in the folder or below it; hidden ones do not count.",
          remedy: "Name the folder with the manifests."))
    }
  }
}

extension UnreadableFile {
  /// The failure as an error diagnostic without a source position.
  package var diagnostic: Diagnostic {
    Diagnostic(
      .error, rule: .unreadableFile,
      summary: "can't read '\(path.visible)': \(reason)", remedy: remedy)
  }
}
