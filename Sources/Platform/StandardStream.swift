// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import Synchronization
package import MemoryModel

/// The standard output and standard error of the process, written without a buffer.
package enum StandardStream: Int32, Sendable {
  /// Standard output, for data.
  case output = 1
  /// Standard error, for progress and messages.
  case error = 2

  /// Whether the stream is a terminal, so that a person may be reading.
  package var isTerminal: Bool { isatty(rawValue) == 1 }

  /// The width of the terminal in columns; nil where the stream is none, or where it tells no width.
  package var width: Int? {
    var size = winsize()
    guard unsafe ioctl(rawValue, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
    return Int(size.ws_col)
  }

  /// Prepares the three standard streams; must run before anything else is opened.
  ///
  /// SIGPIPE is ignored, because a reader that closes the pipe (`| head`) must not end a process
  /// that may be changing a domain. A closed stream is opened on /dev/null, so that no connection
  /// gets its descriptor. Standard input is opened write-only, so that reading it fails and does
  /// not give an empty manifest.
  package static func prepare() {
    _ = signal(SIGPIPE, SIG_IGN)
    // A file that reaches the user's limit is an error like a full disk.
    _ = signal(SIGXFSZ, SIG_IGN)
    for descriptor in Int32(0)...2 where fcntl(descriptor, F_GETFD) == -1 {
      _ = unsafe open("/dev/null", descriptor == 0 ? O_WRONLY : O_RDWR)
    }
  }

  private static let lossCode = Atomic<Int32>(0)

  /// Why data written to ``output`` was lost, such as a full disk; nil where all was written.
  ///
  /// A reader that closed the pipe is not an error.
  package static var loss: String? {
    let code = lossCode.load(ordering: .sequentiallyConsistent)
    return code == 0 ? nil : unsafe String(cString: strerror(code))
  }

  /// Ends the process at once, without exit handlers; `_exit`.
  package static func endProcess(_ status: Int32) -> Never {
    _exit(status)
  }

  /// Writes `text`; ``loss`` reports an error on ``output``, and others are ignored.
  package func write(_ text: ShownText) {
    write(document: Array(text.description.utf8))
  }

  /// Writes the bytes of a document, whose writer has escaped strings from outside.
  ///
  /// ``loss`` reports an error on ``output``, and others are ignored.
  package func write(document bytes: [UInt8]) {
    guard !writeAll(bytes, to: rawValue), self == .output, errno != EPIPE else { return }
    Self.lossCode.store(errno, ordering: .sequentiallyConsistent)
  }
}

/// The value of an environment variable; nil where it is unset or empty.
package func environmentVariable(_ name: String) -> String? {
  guard let value = unsafe getenv(name) else { return nil }
  let text = unsafe String(cString: value)
  return text.isEmpty ? nil : text
}

/// Writes all `bytes` to a descriptor; false where it accepts fewer.
package func writeAll(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
  unsafe bytes.withUnsafeBytes { buffer in
    var written = 0
    while written < buffer.count {
      guard let start = buffer.baseAddress else { return true }
      let count = unsafe Glibc.write(descriptor, start + written, buffer.count - written)
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { return false }
      written += count
    }
    return true
  }
}
