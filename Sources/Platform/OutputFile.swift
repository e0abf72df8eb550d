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
  /// Writes `bytes` to a temporary file beside `path` and renames it to `path`.
  ///
  /// If `path` is a symbolic link, its target is replaced. A device or a pipe is written to
  /// directly.
  ///
  /// - Throws: ``FileError``; the old file at `path` is then unchanged.
  package static func write(_ bytes: [UInt8], to path: String) throws(FileError) {
    if isStream(path) { return try write(bytes, toStream: path) }
    let target = resolved(path)
    let temporary = "\(target).\(getpid()).tmp"
    let descriptor = unsafe open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw failure(path) }
    let isWritten = writeAll(bytes, to: descriptor) && fsync(descriptor) == 0
    guard close(descriptor) == 0, isWritten, unsafe rename(temporary, target) == 0 else {
      let error = failure(path)
      _ = unsafe unlink(temporary)
      throw error
    }
  }

  private static func write(_ bytes: [UInt8], toStream path: String) throws(FileError) {
    let descriptor = unsafe open(path, O_WRONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw failure(path) }
    let isWritten = writeAll(bytes, to: descriptor)
    let error = failure(path)
    guard close(descriptor) == 0, isWritten else { throw error }
  }

  /// Whether `path` is a device, a pipe or another special file, such as /dev/null.
  private static func isStream(_ path: String) -> Bool {
    var status = stat()
    guard unsafe stat(path, &status) == 0 else { return false }
    return ![S_IFREG, S_IFDIR].contains(status.st_mode & S_IFMT)
  }

  /// `path` with symbolic links resolved; unchanged where no file exists.
  private static func resolved(_ path: String) -> String {
    guard let found = unsafe realpath(path, nil) else { return path }
    defer { unsafe free(found) }
    return unsafe String(cString: found)
  }

  private static func failure(_ path: String) -> FileError {
    FileError(message: "can't write \(path): \(unsafe String(cString: strerror(errno)))")
  }
}
