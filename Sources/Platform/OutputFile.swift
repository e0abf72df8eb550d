// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// The error for a file that could not be written.
package struct FileError: Error, Hashable, Sendable {
  /// The path and the reason, for people.
  package let message: String

  /// Makes an error with this message.
  package init(message: String) {
    self.message = message
  }
}

/// Writes a file completely or leaves the old one.
package enum OutputFile {
  /// How often, and how long apart in microseconds, a pipe is opened until it has a reader.
  private static let (tries, pause) = (100, UInt32(100_000))

  /// The path of the file that ``write(_:to:)`` replaces or creates: `path` without links, which of
  /// a file that does not exist yet is the path of its folder with its name.
  package static func target(of path: String) -> String {
    if let target = try? FileBytes.resolved(path) { return target }
    let (folder, name) = parts(of: path)
    return (try? FileBytes.resolved(folder)).map { $0 == "/" ? "/\(name)" : "\($0)/\(name)" }
      ?? path
  }

  /// Checks, without changing anything, that ``write(_:to:)`` may write a file at `path`.
  ///
  /// - Throws: ``FileError`` where its folder does not exist, or the process may not write there.
  package static func check(_ path: String) throws(FileError) {
    var status = stat()
    let exists = unsafe stat(path, &status) == 0
    let kind = status.st_mode & S_IFMT
    if path.isEmpty { throw failure("an empty path", code: ENOENT) }
    if exists && kind == S_IFDIR { throw failure(path, code: EISDIR) }
    if exists && kind == S_IFSOCK { throw failure(path, code: ENXIO) }
    let isReplaced = !exists || kind == S_IFREG
    guard isReplaced else {
      guard unsafe access(path, W_OK) == 0 else { throw failure(path) }
      return
    }
    let (folder, name) = parts(of: target(of: path))
    if name.isEmpty { throw failure(path, code: EISDIR) }
    // The slash makes sure that the folder is one.
    guard unsafe access("\(folder)/", W_OK | X_OK) == 0 else {
      guard errno == ENOENT else { throw failure(path) }
      throw FileError(
        message: "can't write \(path): there is no folder \(folder). Create it first.")
    }
  }

  /// Writes `bytes` to a hidden file beside `path` and renames it to `path`.
  ///
  /// The file keeps its mode. If `path` is a symbolic link, its target is replaced. A device or a
  /// pipe is written to directly.
  ///
  /// - Throws: ``FileError``; the old file at `path` is then unchanged.
  package static func write(_ bytes: [UInt8], to path: String) throws(FileError) {
    var status = stat()
    let exists = unsafe stat(path, &status) == 0
    if exists && ![S_IFREG, S_IFDIR].contains(status.st_mode & S_IFMT) {
      return try write(bytes, toStream: path)
    }
    let target = target(of: path)
    let temporary = temporaryPath(beside: target)
    let mode = exists ? status.st_mode & 0o777 : 0o666
    // O_EXCL follows no link that another user put in this place.
    let descriptor = unsafe open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
    guard descriptor >= 0 else { throw failure(path) }
    let isWritten =
      (!exists || fchmod(descriptor, mode) == 0)
      && writeAll(bytes, to: descriptor) && fsync(descriptor) == 0
    guard close(descriptor) == 0, isWritten, unsafe rename(temporary, target) == 0 else {
      let error = failure(path)
      _ = unsafe unlink(temporary)
      throw error
    }
  }

  /// A name that no other file has, in the folder of `path`; it is hidden, so that no reader of the
  /// folder takes the unfinished file for a finished one.
  private static func temporaryPath(beside path: String) -> String {
    "\(parts(of: path).folder)/.virtmem-\(ProcessOwner.runID).tmp"
  }

  /// The folder of `path`, `.` where it names none, and the name behind the last slash.
  private static func parts(of path: String) -> (folder: String, name: String) {
    guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return (".", path) }
    let folder = path[..<slash]
    return (folder.isEmpty ? "/" : String(folder), String(path[path.utf8.index(after: slash)...]))
  }

  private static func write(_ bytes: [UInt8], toStream path: String) throws(FileError) {
    let descriptor = try openStream(path)
    let isWritten = writeAll(bytes, to: descriptor)
    let error = failure(path)
    guard close(descriptor) == 0, isWritten else { throw error }
  }

  /// Opens a device or a pipe, and waits some seconds for the reader of a pipe.
  private static func openStream(_ path: String) throws(FileError) -> Int32 {
    for _ in 0..<tries {
      let descriptor = unsafe open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)
      if descriptor >= 0 {
        // Writing waits again for a slow reader.
        _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) & ~O_NONBLOCK)
        return descriptor
      }
      guard errno == ENXIO else { throw failure(path) }
      usleep(pause)
    }
    throw FileError(message: "can't write \(path): nobody reads this pipe")
  }

  private static func failure(_ path: String, code: Int32 = errno) -> FileError {
    FileError(message: "can't write \(path): \(unsafe String(cString: strerror(code)))")
  }
}
