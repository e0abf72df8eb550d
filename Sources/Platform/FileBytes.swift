// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// The error for a file or folder that can't be read.
package struct UnreadableFile: Error, Hashable, Sendable {
  /// The path as messages show it.
  package let path: String
  /// The reason, such as `No such file or directory`.
  package let reason: String
  /// What the user can do.
  package let remedy: String
}

/// Reads files and folders; sizes are limited, and opening never waits.
package enum FileBytes {
  /// The path that means standard input in messages.
  package static let standardInput = "-"

  /// The identity of a file, equal for two paths that lead to the same file.
  package struct Identity: Hashable {
    /// The device; `st_dev`.
    let device: UInt64
    /// The number of the file on its device; `st_ino`.
    let number: UInt64
  }

  /// The kind of file at a path.
  package enum Kind {
    case file, folder, link, other
  }

  /// The kind and the identity of the file at `path`; `stat` or `lstat`.
  ///
  /// - Throws: ``UnreadableFile`` where virtmem finds no file or has no access.
  package static func status(
    _ path: String, followingLinks: Bool = true
  ) throws(UnreadableFile) -> (kind: Kind, identity: Identity) {
    var status = stat()
    let result = unsafe followingLinks ? stat(path, &status) : lstat(path, &status)
    guard result == 0 else { throw failure(path) }
    return (kind(status), Identity(device: UInt64(status.st_dev), number: UInt64(status.st_ino)))
  }

  /// Whether there is nothing at `path`.
  package static func isMissing(_ path: String) -> Bool {
    unsafe access(path, F_OK) != 0 && [ENOENT, ENOTDIR].contains(errno)
  }

  /// The absolute path of the file that `path` leads to, without links; `realpath`.
  ///
  /// - Throws: ``UnreadableFile`` where virtmem finds no file or has no access.
  package static func resolved(_ path: String) throws(UnreadableFile) -> String {
    guard let found = unsafe realpath(path, nil) else { throw failure(path) }
    defer { unsafe free(found) }
    return unsafe String(cString: found)
  }

  /// The names in a folder, sorted by their bytes, with `.` and `..`; `readdir`.
  ///
  /// - Throws: ``UnreadableFile`` where the folder can't be opened.
  package static func names(in folder: String) throws(UnreadableFile) -> [String] {
    guard let stream = unsafe opendir(folder) else { throw failure(folder) }
    defer { unsafe closedir(stream) }
    var names: [String] = []
    while let entry = unsafe readdir(stream) {
      names.append(
        unsafe withUnsafeBytes(of: &entry.pointee.d_name) { name in
          unsafe String(decoding: name.prefix { $0 != 0 }, as: UTF8.self)
        })
    }
    return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  /// The bytes of a regular file, at most `limit`; `open` and `read`.
  ///
  /// - Throws: ``UnreadableFile`` where the file is larger, not regular or can't be read.
  package static func read(_ path: String, limit: Int) throws(UnreadableFile) -> [UInt8] {
    // The check comes before `open`, which waits on a pipe and has side effects on some devices.
    let found = try status(path).kind
    guard found == .file else { throw found == .folder ? aFolder(path) : notAFile(path) }
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
    guard descriptor >= 0 else { throw failure(path) }
    defer { close(descriptor) }
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0 else { throw failure(path) }
    guard kind(status) == .file else { throw notAFile(path) }
    guard status.st_size <= limit else { throw tooLarge(path, limit) }
    return try read(descriptor, expecting: Int(status.st_size), path: path, limit: limit)
  }

  /// All bytes of standard input, at most `limit`; `read`.
  ///
  /// - Throws: ``UnreadableFile`` where there are more, or reading fails.
  package static func readStandardInput(limit: Int) throws(UnreadableFile) -> [UInt8] {
    try read(STDIN_FILENO, expecting: 0, path: standardInput, limit: limit)
  }

  private static func read(
    _ descriptor: CInt, expecting size: Int, path: String, limit: Int
  ) throws(UnreadableFile) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(size)
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = unsafe buffer.withUnsafeMutableBytes { space in
        unsafe Glibc.read(descriptor, space.baseAddress, space.count)
      }
      if count < 0 && errno == EINTR { continue }
      guard count >= 0 else { throw failure(path) }
      guard count > 0 else { return bytes }
      bytes += buffer[..<count]
      guard bytes.count <= limit else { throw tooLarge(path, limit) }
    }
  }

  private static func kind(_ status: stat) -> Kind {
    switch status.st_mode & S_IFMT {
    case S_IFREG: .file
    case S_IFDIR: .folder
    case S_IFLNK: .link
    default: .other
    }
  }

  private static func failure(_ path: String) -> UnreadableFile {
    let code = errno
    let reason = unsafe strerror(code).map { unsafe String(cString: $0) } ?? "error \(code)"
    let remedy =
      code == ENOENT
      ? "Look at the spelling, and at the folder that virtmem runs in."
      : "See to it that virtmem's user may read it."
    return UnreadableFile(path: path, reason: reason, remedy: remedy)
  }

  private static func aFolder(_ path: String) -> UnreadableFile {
    UnreadableFile(path: path, reason: "it is a folder", remedy: "Name a file.")
  }

  private static func notAFile(_ path: String) -> UnreadableFile {
    UnreadableFile(
      path: path, reason: "it is no regular file",
      remedy: "Name a file; what a pipe or a device gives is read from standard input, as '-'.")
  }

  private static func tooLarge(_ path: String, _ limit: Int) -> UnreadableFile {
    UnreadableFile(
      path: path, reason: "it has more than \(limit >> 20) MiB",
      remedy: "Split it into several files, or look whether it is a manifest at all.")
  }
}
