// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import Synchronization
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
    // If the leader of a session gave up the terminal, Ctrl-C would reach no process any more.
    if getsid(0) == getpid() { runAsChild() }
    let isInForeground = tcgetpgrp(descriptor) == getpgrp()
    _ = ioctl(descriptor, UInt(TIOCNOTTY))
    let terminal = ControllingTerminal(descriptor: descriptor)
    return isInForeground ? terminal : nil
  }

  /// The terminal that is standard input though it does not control the process.
  private static func terminalOfInput() -> ControllingTerminal? {
    guard isatty(STDIN_FILENO) == 1 else { return nil }
    let descriptor = unsafe open("/proc/self/fd/0", O_RDWR | O_NOCTTY | O_CLOEXEC)
    return descriptor < 0 ? nil : ControllingTerminal(descriptor: descriptor)
  }

  /// Writes `text`, and ignores errors.
  package func write(_ text: ShownText) {
    _ = writeAll(Array(text.description.utf8), to: descriptor)
  }

  /// Reads a line, without its end; nil at the end of the input (Ctrl-D).
  package func readLine() -> String? {
    var line: [UInt8] = []
    var byte: UInt8 = 0
    while true {
      let count = unsafe read(descriptor, &byte, 1)
      if count < 0 && errno == EINTR { continue }
      guard count == 1 else { return line.isEmpty ? nil : String(decoding: line, as: UTF8.self) }
      if byte == UInt8(ascii: "\n") { return String(decoding: line, as: UTF8.self) }
      line.append(byte)
    }
  }
}

/// The child that ``runAsChild()`` waits for.
private let child = Atomic<Int32>(0)

/// Runs the program again as a child and ends the process with the child's status.
///
/// It returns only if no child can be started. The child is in the same group of processes, so that
/// it gets Ctrl-C by itself; SIGTERM is passed on.
private func runAsChild() {
  var process: pid_t = 0
  var arguments = unsafe CommandLine.arguments.map { unsafe strdup($0) } + [nil]
  defer { unsafe arguments.forEach { unsafe free($0) } }
  guard unsafe posix_spawn(&process, "/proc/self/exe", nil, nil, &arguments, environ) == 0
  else { return }
  child.store(process, ordering: .sequentiallyConsistent)
  signal(SIGINT, SIG_IGN)
  signal(SIGTERM) { kill(child.load(ordering: .sequentiallyConsistent), $0) }
  var status: Int32 = 0
  while unsafe waitpid(process, &status, 0) < 0 && errno == EINTR {}
  let signal = status & 0x7f
  StandardStream.endProcess(signal == 0 ? status >> 8 & 0xff : 128 + signal)
}
