// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import Synchronization

/// A file to which lines are appended, each on disk before the next thing happens.
///
/// A pipe or a device is written to as well, and not synced.
package final class AppendedFile: Sendable {
  /// How long a pipe may be full before a line counts as lost, in milliseconds.
  private static let patience: Int32 = 10_000

  private let path: String
  private let descriptor: Int32
  private let isRegular: Bool
  /// Whether the last line was cut off, so that the next one starts with a newline.
  private let isCut: Mutex<Bool>

  /// Opens the file at `path`, or creates it with the mode 0600.
  ///
  /// - Throws: ``FileError`` where that is not possible, where `path` is a symbolic link, and where
  ///   nobody reads a pipe.
  package init(appendingTo path: String) throws(FileError) {
    let flags = O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY
    descriptor = unsafe open(path, flags, 0o600)
    self.path = path
    guard descriptor >= 0 else {
      isRegular = false
      isCut = Mutex(false)
      switch errno {
      case ELOOP:
        throw FileError(
          message: "can't write \(path): it is a symbolic link; name the file or the pipe itself")
      case ENXIO: throw Self.unread(path)
      default: throw Self.failure(path)
      }
    }
    var status = stat()
    isRegular = unsafe fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
    isCut = Mutex(isRegular && status.st_size > 0 && Self.lastByte(of: path) != UInt8(ascii: "\n"))
  }

  deinit {
    close(descriptor)
  }

  /// Appends a line, which ends with a newline, and waits until it is on disk.
  ///
  /// - Throws: ``FileError`` where the line is not, or only in part, in the file.
  package func append(_ line: [UInt8]) throws(FileError) {
    let error = isCut.withLock { isCut -> FileError? in
      let text = isCut ? [UInt8(ascii: "\n")] + line : line
      let written = write(text)
      guard written == text.count else {
        let error = errno == EAGAIN ? Self.unread(path) : Self.failure(path)
        if written > 0 { isCut = true }
        return error
      }
      isCut = false
      return isRegular && fsync(descriptor) != 0 ? Self.failure(path) : nil
    }
    if let error { throw error }
  }

  /// Writes `text`, waits for the reader of a full pipe, and returns how many bytes were written.
  private func write(_ text: [UInt8]) -> Int {
    var rest = text[...]
    while !rest.isEmpty {
      let count = unsafe rest.withUnsafeBytes { buffer in
        unsafe Glibc.write(descriptor, buffer.baseAddress, buffer.count)
      }
      if count > 0 {
        rest = rest.dropFirst(count)
      } else if count < 0 && errno == EAGAIN {
        var request = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        guard unsafe poll(&request, 1, Self.patience) > 0 else {
          errno = EAGAIN
          break
        }
      } else if errno != EINTR {
        break
      }
    }
    return text.count - rest.count
  }

  /// The last byte of the file; a newline where the user may not read it.
  private static func lastByte(of path: String) -> UInt8 {
    let descriptor = unsafe open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { return UInt8(ascii: "\n") }
    defer { close(descriptor) }
    var byte = UInt8(ascii: "\n")
    _ = lseek(descriptor, -1, SEEK_END)
    _ = unsafe read(descriptor, &byte, 1)
    return byte
  }

  private static func unread(_ path: String) -> FileError {
    FileError(message: "can't write \(path): nobody reads this pipe")
  }

  private static func failure(_ path: String) -> FileError {
    FileError(message: "can't write \(path): \(unsafe String(cString: strerror(errno)))")
  }
}
