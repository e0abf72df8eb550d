// SPDX-License-Identifier: Apache-2.0

internal import Glibc

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

  /// Writes all of `text`; what a closed stream does not take is dropped.
  package func write(_ text: String) {
    write(Array(text.utf8))
  }

  /// Writes all of `bytes`; what a closed stream does not take is dropped.
  package func write(_ bytes: [UInt8]) {
    _ = writeAll(bytes, to: rawValue)
  }
}

/// The value of an environment variable; nil where it is not set or empty.
package func environmentVariable(_ name: String) -> String? {
  guard let value = unsafe getenv(name) else { return nil }
  let text = unsafe String(cString: value)
  return text.isEmpty ? nil : text
}

/// Writes `bytes` to a descriptor; false where it took fewer.
func writeAll(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
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
