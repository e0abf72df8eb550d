// SPDX-License-Identifier: Apache-2.0
import CLibvirt
import Glibc

/// The log of libvirt's client library, captured in a file without a name.
///
/// When libvirt refuses a certificate, its error does not say why; only a warning in its log does.
/// By default libvirt writes the log to standard error, with two lines about itself before it.
enum ClientLog {
  /// The descriptor of the log.
  ///
  /// Nil where environment variables set up libvirt's log already, or no file can be made.
  private static let file: Int32? = begin()

  /// Makes libvirt log to the file; `initialize` must be libvirt's first call, which reads the
  /// settings.
  static func redirect(_ initialize: () -> Bool) -> Bool {
    guard let file else { return initialize() }
    // Priority 3 is warnings.
    unsafe setenv(outputs, "3:file:/proc/self/fd/\(file)", 1)
    defer { unsafe unsetenv(outputs) }
    return initialize()
  }

  /// The current length of the log in bytes.
  static var end: Int {
    var status = stat()
    guard let file, unsafe fstat(file, &status) == 0 else { return 0 }
    return Int(status.st_size)
  }

  /// The warnings that this thread has caused since the log had `start` bytes.
  static func warnings(since start: Int) -> [String] {
    guard let file else { return [] }
    var bytes = [UInt8](repeating: 0, count: max(0, end - start))
    let count = unsafe pread(file, &bytes, bytes.count, start)
    let text = String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
    return warnings(in: text, of: gettid())
  }

  /// The warnings of `thread` in a log.
  ///
  /// A line looks like `2026-11-28 00:40:00.000+0000: 4711: warning : function:1069 : message`.
  static func warnings(in text: String, of thread: pid_t) -> [String] {
    text.split(separator: "\n").compactMap { line in
      let parts = line.split(separator: " : ", maxSplits: 2)
      guard parts.count == 3, parts[0].hasSuffix(": \(thread): warning") else { return nil }
      return String(parts[2])
    }
  }

  private static let outputs = "LIBVIRT_LOG_OUTPUTS"

  private static func begin() -> Int32? {
    let settings = [outputs, "LIBVIRT_LOG_FILTERS", "LIBVIRT_DEBUG"]
    guard settings.allSatisfy({ unsafe getenv($0) == nil }) else { return nil }
    // The flag 1 is MFD_CLOEXEC.
    let file = unsafe memfd_create("libvirt-log", 1)
    return file < 0 ? nil : file
  }
}
