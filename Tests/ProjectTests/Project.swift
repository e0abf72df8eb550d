// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

/// The project's own files, relative to where this file was compiled.
enum Project {
  static let root = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  struct File: Sendable, CustomTestStringConvertible {
    /// The path below the project's root.
    let path: String

    var text: String {
      get throws { try String(contentsOf: root.appending(path: path), encoding: .utf8) }
    }

    var lines: [String] {
      get throws {
        try text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
      }
    }

    /// The folder below `Sources` or `Tests`.
    var module: String { path.split(separator: "/").dropFirst().first.map(String.init) ?? "" }

    var testDescription: String { path }
  }

  /// Every file below `folder` whose name ends in one of `endings`, sorted by path.
  static func files(below folder: String, endings: [String]) -> [File] {
    let base = root.appending(path: folder)
    let paths =
      FileManager.default.enumerator(atPath: base.path)?.compactMap { $0 as? String } ?? []
    return paths.filter { path in endings.contains { path.hasSuffix($0) } }.sorted()
      .map { File(path: "\(folder)/\($0)") }
  }

  static let sources = files(below: "Sources", endings: [".swift"])
}
