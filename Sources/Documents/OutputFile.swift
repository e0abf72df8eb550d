// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// Why a file could not be written.
package struct FileError: Error, Hashable, Sendable {
  /// The file and the reason, for people.
  package let message: String
}

/// A file that is there whole or not at all.
package enum OutputFile {
  /// Writes `bytes` beside `path` and renames them into its place.
  ///
  /// - Throws: ``FileError``; what was at `path` before is then still there.
  package static func write(_ bytes: [UInt8], to path: String) throws(FileError) {
    let temporary = "\(path).\(getpid()).tmp"
    let descriptor = unsafe open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw failure(path) }
    let isWritten = writeAll(bytes, to: descriptor) && fsync(descriptor) == 0
    guard close(descriptor) == 0, isWritten, unsafe rename(temporary, path) == 0 else {
      let error = failure(path)
      _ = unsafe unlink(temporary)
      throw error
    }
  }

  private static func failure(_ path: String) -> FileError {
    FileError(message: "can't write \(path): \(unsafe String(cString: strerror(errno)))")
  }
}
