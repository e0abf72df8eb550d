// SPDX-License-Identifier: Apache-2.0

internal import Basics
package import Platform
internal import Glibc
internal import MemoryModel

/// The folder to which `export` writes manifests, as `HOST/DOMAIN.yaml`.
///
/// virtmem does not write through symbolic links below the folder. It writes each file completely
/// or not at all.
package struct ManifestFolder {
  private let path: String

  /// Creates the folder at `path`, which may exist already.
  ///
  /// - Throws: ``FileError`` if the folder can't be created.
  package init(_ path: String) throws(FileError) {
    self.path = path
    guard unsafe mkdir(path, 0o755) == 0 || errno == EEXIST else { throw Self.failure(path) }
  }

  /// Checks, without changing anything, that ``init(_:)`` and ``write(_:host:name:)`` can write below
  /// `path`.
  ///
  /// - Throws: ``FileError`` where `path` is a file, or the process may not write there.
  package static func check(_ path: String) throws(FileError) {
    let kind = try? FileBytes.status(path).kind
    guard kind == nil || kind == .folder else {
      throw FileError(
        message: """
          can't write below \(path): it is a file, and --out names a folder; `> FILE` writes one \
          file
          """)
    }
    var folder = path[...]
    while kind == nil, folder.count > 1, folder.hasSuffix("/") { folder.removeLast() }
    let parent = folder.lastIndex(of: "/").map { String(folder[...$0]) } ?? "./"
    guard !FileBytes.isMissing(parent) else {
      throw FileError(
        message: "can't write \(path): there is no folder \(parent). Create it first.")
    }
    guard !path.isEmpty, unsafe access(kind == nil ? parent : "\(path)/", W_OK | X_OK) == 0 else {
      throw failure(path)
    }
  }

  /// A file name for each of `names`: safe on every file system, and different from all others.
  ///
  /// Every byte except ASCII letters, digits and `_-.+@` is percent-encoded, as is a dot or a dash
  /// at the beginning. If names differ only in case, all but the first get a hash at the end, as do
  /// long names.
  package static func safeNames(_ names: [String]) -> [String: String] {
    var taken: Set<String> = []
    var safe: [String: String] = [:]
    for name in Set(names).sorted(by: { $0.utf8.lexicographicallyPrecedes($1.utf8) }) {
      var text = encoded(name)
      // File systems allow 255 bytes, and a hash and `.yaml` follow the name.
      if text.utf8.count > 200 || taken.contains(text.lowercased()) {
        let hash = SHA256.hexadecimal(of: Array(name.utf8)).prefix(12)
        text = "\(text.prefix(200))~\(hash)"
      }
      taken.insert(text.lowercased())
      safe[name] = text
    }
    return safe
  }

  private static func encoded(_ name: String) -> String {
    var text = ""
    for (index, byte) in name.utf8.enumerated() {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "+"),
        UInt8(ascii: "@"):
        text.unicodeScalars.append(Unicode.Scalar(byte))
      case UInt8(ascii: "-") where index > 0, UInt8(ascii: ".") where index > 0:
        text.unicodeScalars.append(Unicode.Scalar(byte))
      default:
        text += (byte < 16 ? "%0" : "%") + String(byte, radix: 16, uppercase: true)
      }
    }
    return text.isEmpty ? "%" : text
  }

  /// Writes `text` to the file `name` in the folder `host`, both safe names, and returns the file's
  /// path.
  ///
  /// An existing file is replaced. An existing link is replaced too, and not followed.
  ///
  /// - Throws: ``FileError``; the previous file then still exists.
  package func write(_ text: String, host: String, name: String) throws(FileError) -> String {
    let folder = "\(path)/\(host)"
    let file = "\(folder)/\(name).yaml"
    guard unsafe mkdir(folder, 0o755) == 0 || errno == EEXIST else { throw Self.failure(folder) }
    let descriptor = unsafe open(folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
    guard descriptor >= 0 else {
      guard errno == ELOOP || errno == ENOTDIR else { throw Self.failure(folder) }
      throw FileError(message: "can't write \(file): \(folder) is a link or no folder")
    }
    defer { close(descriptor) }
    let temporary = ".\(getpid()).tmp"
    _ = unsafe unlinkat(descriptor, temporary, 0)
    let output = unsafe openat(
      descriptor, temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o644)
    guard output >= 0 else { throw Self.failure(file) }
    let isWritten = writeAll(Array(text.utf8), to: output) && fsync(output) == 0
    guard close(output) == 0, isWritten,
      unsafe renameat(descriptor, temporary, descriptor, "\(name).yaml") == 0
    else {
      let error = Self.failure(file)
      _ = unsafe unlinkat(descriptor, temporary, 0)
      throw error
    }
    return file
  }

  private static func failure(_ path: String) -> FileError {
    FileError(message: "can't write \(path): \(unsafe String(cString: strerror(errno)))")
  }
}
