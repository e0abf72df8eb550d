// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import Synchronization
package import MemoryModel

/// The process's output and error streams, written without a buffer in between.
package enum StandardStream: Int32, Sendable {
  /// Data.
  case output = 1
  /// Progress and messages.
  case error = 2

  /// Whether a person may be reading: the stream is a terminal.
  package var isTerminal: Bool { isatty(rawValue) == 1 }

  /// Whether a person may be answering: standard input is a terminal.
  package static var inputIsTerminal: Bool { isatty(0) == 1 }

  /// Makes the three streams safe to use, before anything else is opened.
  ///
  /// A reader that goes away (`| head`) does not end the process, which may be writing to a domain.
  /// A stream that is closed is opened on /dev/null, lest a connection gets its number; standard
  /// input the wrong way round, so that nobody takes it for an empty manifest.
  package static func prepare() {
    _ = signal(SIGPIPE, SIG_IGN)
    for descriptor in Int32(0)...2 where fcntl(descriptor, F_GETFD) == -1 {
      _ = unsafe open("/dev/null", descriptor == 0 ? O_WRONLY : O_RDWR)
    }
  }

  private static let lossCode = Atomic<Int32>(0)

  /// Why data that was written to ``output`` got lost, a full disk perhaps; nil where all went out.
  ///
  /// A reader that had enough is no loss.
  package static var loss: String? {
    let code = lossCode.load(ordering: .sequentiallyConsistent)
    return code == 0 ? nil : unsafe String(cString: strerror(code))
  }

  /// Ends the process at once, without C's clean-up; `_exit`.
  package static func endProcess(_ status: Int32) -> Never {
    _exit(status)
  }

  /// Writes all of `text`; what the stream does not take is dropped.
  package func write(_ text: ShownText) {
    write(document: Array(text.description.utf8))
  }

  /// Writes all of a document, whose writer has escaped what came from outside; what the stream
  /// does not take is dropped.
  package func write(document bytes: [UInt8]) {
    guard !writeAll(bytes, to: rawValue), self == .output, errno != EPIPE else { return }
    Self.lossCode.store(errno, ordering: .sequentiallyConsistent)
  }
}

/// The value of an environment variable; nil where it is not set or empty.
package func environmentVariable(_ name: String) -> String? {
  guard let value = unsafe getenv(name) else { return nil }
  let text = unsafe String(cString: value)
  return text.isEmpty ? nil : text
}

/// Writes `bytes` to a descriptor; false where it took fewer.
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
