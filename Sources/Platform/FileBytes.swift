// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// A file that can't be read, and why.
package struct UnreadableFile: Error, Hashable, Sendable {
  /// The file or folder as messages name it.
  package let path: String
  /// Why, such as `No such file or directory`.
  package let reason: String
  /// What to do about it.
  package let remedy: String
}

/// Files and folders by the system's calls, each answer bounded and none waited for for ever.
package enum FileBytes {
  /// The path that stands for standard input in messages.
  package static let standardInput = "-"

  /// What tells two files apart.
  package struct Identity: Hashable {
    /// `st_dev`.
    let device: UInt64
    /// `st_ino`.
    let number: UInt64
  }

  /// What a path leads to.
  package enum Kind {
    case file, folder, link, other
  }

  /// What a path leads to; `stat` or `lstat`.
  package static func status(
    _ path: String, followingLinks: Bool = true
  ) throws(UnreadableFile) -> (kind: Kind, identity: Identity) {
    var status = stat()
    let result = unsafe followingLinks ? stat(path, &status) : lstat(path, &status)
    guard result == 0 else { throw failure(path) }
    return (kind(status), Identity(device: UInt64(status.st_dev), number: UInt64(status.st_ino)))
  }

  /// The names in a folder in their bytes' order; `readdir`.
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

  /// The bytes of a regular file, which may have `limit` of them; `open` and `read`.
  package static func read(_ path: String, limit: Int) throws(UnreadableFile) -> [UInt8] {
    // Asked before it is opened: opening a pipe would wait, and some devices act on it.
    guard try status(path).kind == .file else { throw notAFile(path) }
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
    guard descriptor >= 0 else { throw failure(path) }
    defer { close(descriptor) }
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0 else { throw failure(path) }
    guard kind(status) == .file else { throw notAFile(path) }
    guard status.st_size <= limit else { throw tooLarge(path, limit) }
    return try read(descriptor, expecting: Int(status.st_size), path: path, limit: limit)
  }

  /// All of standard input, which may have `limit` bytes; `read`.
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
