// SPDX-License-Identifier: Apache-2.0
import CLibvirt
import Glibc
import Platform

/// The log of libvirt's client library, captured in a file without a name.
///
/// When libvirt refuses a certificate, its error does not say why; only a warning in its log does.
/// By default libvirt writes the log to standard error. There it would show, at its lower levels,
/// whole definitions with their passwords, and text of guests that can command a pipeline.
package enum ClientLog {
  /// The descriptor of the log; nil where no file can be made.
  private static let file: Int32? = {
    // The flag 1 is MFD_CLOEXEC.
    let file = unsafe memfd_create("libvirt-log", 1)
    return file < 0 ? nil : file
  }()

  /// Whether the environment asks for libvirt's log on standard output or standard error.
  package static var isAskedForOnStreams: Bool {
    if let outputs = environmentVariable(outputsName) { return kept(of: outputs) != parts(outputs) }
    return settings.contains { environmentVariable($0) != nil }
  }

  /// Makes libvirt log warnings to the file, and everything to those outputs of the environment
  /// that are not the process's own streams.
  ///
  /// `initialize` must be libvirt's first call, which reads the settings.
  static func redirect(_ initialize: () -> Bool) -> Bool {
    let others = kept(of: environmentVariable(outputsName) ?? "")
    if others.isEmpty { for name in settings { unsafe unsetenv(name) } }
    // libssh would write its own log to standard error.
    unsafe unsetenv("LIBVIRT_LIBSSH_DEBUG")
    // Priority 3 is warnings.
    let own = "3:file:" + (file.map { "/proc/self/fd/\($0)" } ?? "/dev/null")
    unsafe setenv(outputsName, (others + [own]).joined(separator: " "), 1)
    defer { unsafe unsetenv(outputsName) }
    return withoutStandardError(initialize)
  }

  /// Runs `body` with standard error in the file of the log.
  ///
  /// Until libvirt has read where to log, it logs to standard error, at the level that it was told.
  private static func withoutStandardError(_ body: () -> Bool) -> Bool {
    let original = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1)
    guard let file, original >= 0, dup2(file, STDERR_FILENO) >= 0 else { return body() }
    defer {
      _ = dup2(original, STDERR_FILENO)
      close(original)
    }
    return body()
  }

  /// The outputs in a value of `LIBVIRT_LOG_OUTPUTS` that are not standard output or standard error.
  static func kept(of outputs: String) -> [String] {
    parts(outputs).filter { output in
      // An output looks like `1:stderr` or `3:file:/var/log/client`.
      let parts = output.split(separator: ":", maxSplits: 2).map(String.init)
      guard parts.count == 3, parts[1] == "file" else { return parts.dropFirst().first != "stderr" }
      return !isOwnStream(parts[2])
    }
  }

  private static func parts(_ outputs: String) -> [String] {
    outputs.split(separator: " ").map(String.init)
  }

  /// Whether `path` leads to what standard output or standard error is, as /dev/stderr does.
  private static func isOwnStream(_ path: String) -> Bool {
    var (file, stream) = (stat(), stat())
    guard unsafe stat(path, &file) == 0 else { return false }
    return [STDOUT_FILENO, STDERR_FILENO].contains {
      unsafe fstat($0, &stream) == 0 && stream.st_dev == file.st_dev
        && stream.st_ino == file.st_ino
    }
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

  private static let outputsName = "LIBVIRT_LOG_OUTPUTS"
  /// The variables that say what is logged, but not where.
  private static let settings = ["LIBVIRT_LOG_FILTERS", "LIBVIRT_DEBUG"]
}
