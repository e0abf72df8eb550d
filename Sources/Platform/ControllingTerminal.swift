// SPDX-License-Identifier: Apache-2.0

internal import Glibc
package import MemoryModel

/// The terminal from which a user started the process, kept for questions of the process alone.
package final class ControllingTerminal: Sendable {
  private let descriptor: Int32

  private init(descriptor: Int32) {
    self.descriptor = descriptor
  }

  deinit {
    close(descriptor)
  }

  /// Takes the terminal away from all programs that the process starts, and returns it.
  ///
  /// libvirt starts ssh for a connection, and ssh would ask on the terminal for passwords and
  /// unknown host keys. ssh then also finds no other program that asks. Ctrl-C still arrives. The
  /// function returns nil if there is no terminal, or if the process runs in the background, where
  /// the user types to another program. It must run before the process has threads.
  package static func takeFromChildren() -> ControllingTerminal? {
    unsafe setenv("SSH_ASKPASS", "/bin/false", 1)
    let descriptor = unsafe open("/dev/tty", O_RDWR | O_CLOEXEC)
    guard descriptor >= 0 else { return terminalOfInput() }
    let terminal = ControllingTerminal(descriptor: descriptor)
    let isInForeground = tcgetpgrp(descriptor) == getpgrp()
    // If the leader of a session gave up its terminal, Ctrl-C would reach no process any more.
    if getsid(0) != getpid() { _ = ioctl(descriptor, UInt(TIOCNOTTY)) }
    return isInForeground ? terminal : nil
  }

  /// The terminal that is standard input though it does not control the process.
  private static func terminalOfInput() -> ControllingTerminal? {
    guard isatty(STDIN_FILENO) == 1 else { return nil }
    let descriptor = unsafe open("/proc/self/fd/0", O_RDWR | O_NOCTTY | O_CLOEXEC)
    return descriptor < 0 ? nil : ControllingTerminal(descriptor: descriptor)
  }

  /// The width of the terminal in columns; nil where it tells none.
  package var width: Int? {
    var size = winsize()
    guard unsafe ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else {
      return nil
    }
    return Int(size.ws_col)
  }

  /// Writes `text`, and ignores errors.
  package func write(_ text: ShownText) {
    _ = writeAll(Array(text.description.utf8), to: descriptor)
  }

  /// Reads a line, without its end; nil at the end of the input (Ctrl-D), and if a shell has moved
  /// the process to the background, where the line is for another program.
  package func readLine() -> String? {
    guard isInForeground else { return nil }
    var line: [UInt8] = []
    var byte: UInt8 = 0
    while byte != UInt8(ascii: "\n") {
      let count = unsafe read(descriptor, &byte, 1)
      if count < 0 && errno == EINTR { continue }
      guard count == 1 else { break }
      line.append(byte)
    }
    guard !line.isEmpty, isInForeground else { return nil }
    if line.last == UInt8(ascii: "\n") { line.removeLast() }
    return String(decoding: line, as: UTF8.self)
  }

  /// Whether the user types to this process; true where that can't be known.
  ///
  /// A process without a controlling terminal can't ask the terminal itself, but it can see what
  /// the kernel says of its parent.
  private var isInForeground: Bool {
    guard let bytes = try? FileBytes.read("/proc/\(getppid())/stat", limit: 4096) else {
      return true
    }
    // The name of the program, in parentheses, may hold spaces. Six more fields follow it: the
    // state, the parent, the group, the session, the terminal and its foreground group.
    let fields =
      String(decoding: bytes, as: UTF8.self).split(separator: ")").last?
      .split(separator: " ") ?? []
    guard fields.count > 5, let foreground = pid_t(fields[5]), foreground > 0 else { return true }
    return pid_t(fields[3]) != getsid(0) || foreground == getpgrp()
  }
}
