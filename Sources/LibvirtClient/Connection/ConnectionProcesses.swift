// SPDX-License-Identifier: Apache-2.0
import Glibc
import Synchronization

/// The processes, mostly ssh, that libvirt starts to reach a host, by their process ids.
///
/// libvirt ends them when it closes a connection, but a connection with a stuck call never closes.
/// An ssh that waits for a host does not notice that libvirt's process has ended.
package enum ConnectionProcesses {
  private static let known = Mutex<Set<pid_t>>([])

  /// Records and returns the processes that `thread` has started and that still run.
  static func note(startedBy thread: pid_t) -> Set<pid_t> {
    let processes = children(of: thread)
    known.withLock { $0.formUnion(processes) }
    return processes
  }

  /// Removes `processes` from the record, because libvirt has ended them.
  static func forget(_ processes: Set<pid_t>) {
    known.withLock { $0.subtract(processes) }
  }

  /// Ends those of `processes` that are still children of this process; SIGTERM.
  static func end(_ processes: Set<pid_t>) {
    for process in processes where parent(of: process) == getpid() { kill(process, SIGTERM) }
    forget(processes)
  }

  /// Ends all recorded processes; called before this process ends.
  package static func endAll() {
    end(known.withLock(\.self))
  }

  /// The running child processes that `thread` of this process has started.
  static func children(of thread: pid_t) -> Set<pid_t> {
    let text = contents(ofFile: "/proc/self/task/\(thread)/children")
    return Set(text.split(separator: " ").compactMap { pid_t($0) })
  }

  /// The parent of a process; nil where no process has this id.
  private static func parent(of process: pid_t) -> pid_t? {
    // The name before this field is in parentheses and can contain parentheses.
    let text = contents(ofFile: "/proc/\(process)/stat")
    let fields = text[(text.lastIndex(of: ")") ?? text.endIndex)...].split(separator: " ")
    return fields.count > 2 ? pid_t(fields[2]) : nil
  }

  /// The first 4096 bytes of a file in /proc as text; empty where it can't be read.
  private static func contents(ofFile path: String) -> String {
    let file = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return "" }
    defer { close(file) }
    var bytes = [UInt8](repeating: 0, count: 4096)
    let count = unsafe read(file, &bytes, bytes.count)
    return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
  }
}
