// SPDX-License-Identifier: Apache-2.0

/// The folders to which the paths of a report are relative: the root of the work tree, where the
/// readers of a report look for files.
package struct SourceRoot: Hashable, Sendable {
  /// A path for a report.
  package struct Path: Hashable, Sendable {
    /// The path below a root; else the absolute path, or the path as given if that is unknown.
    package let text: String
    /// Whether the path is below a root.
    package let isBelowRoot: Bool
  }

  /// The folder that relative paths begin in; nil if it is unknown.
  private let folder: String?
  private let roots: [String]

  /// Makes a root from the folder that the process runs in and the folders that may be the root,
  /// the best one first; all are absolute paths.
  package init(folder: String? = nil, roots: [String] = []) {
    self.folder = folder
    self.roots = roots.map(Self.normalised)
  }

  /// The path of a file as a report gives it; nil for standard input, which has none.
  package func path(of file: String) -> Path? {
    guard file != "-" else { return nil }
    guard file.hasPrefix("/") || folder != nil else {
      return Path(text: file, isBelowRoot: true)
    }
    let whole = Self.normalised(file.hasPrefix("/") ? file : "\(folder ?? "")/\(file)")
    for root in roots {
      let start = root == "/" ? root : root + "/"
      // Bytes, because a character after the slash could combine with it.
      if whole.utf8.starts(with: start.utf8) {
        let rest = whole.utf8.dropFirst(start.utf8.count)
        return Path(text: String(decoding: rest, as: UTF8.self), isBelowRoot: true)
      }
    }
    return Path(text: whole, isBelowRoot: false)
  }

  /// An absolute path without `.`, `..` and double slashes.
  private static func normalised(_ path: String) -> String {
    if isNormalised(path) { return path }
    var parts: [String] = []
    for bytes in path.utf8.split(separator: UInt8(ascii: "/")) {
      let part = String(decoding: bytes, as: UTF8.self)
      switch part {
      case ".": continue
      case "..": _ = parts.popLast()
      default: parts.append(part)
      }
    }
    return "/" + parts.joined(separator: "/")
  }

  /// Whether a path is surely normalised, as nearly all are; taking it apart costs ten times as much.
  private static func isNormalised(_ path: String) -> Bool {
    let (slash, dot) = (UInt8(ascii: "/"), UInt8(ascii: "."))
    var last: UInt8?
    for byte in path.utf8 {
      if last == slash && (byte == slash || byte == dot) { return false }
      last = byte
    }
    return path.utf8.first == slash && (last != slash || path.utf8.count == 1)
  }
}
