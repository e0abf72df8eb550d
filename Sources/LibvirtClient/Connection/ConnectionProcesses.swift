// SPDX-License-Identifier: Apache-2.0
import Glibc
import Synchronization

/// The processes that libvirt starts to reach a host, ssh mostly, by their numbers.
///
/// libvirt ends them when a connection closes, which one with a stuck call never does; and ssh that
/// waits for a host to answer does not notice that libvirt has gone.
package enum ConnectionProcesses {
  private static let known = Mutex<Set<pid_t>>([])

  /// Notes what `thread` has started and not ended yet.
  static func note(startedBy thread: pid_t) -> Set<pid_t> {
    let processes = children(of: thread)
    known.withLock { $0.formUnion(processes) }
    return processes
  }

  /// Forgets `processes`, which libvirt has ended.
  static func forget(_ processes: Set<pid_t>) {
    known.withLock { $0.subtract(processes) }
  }

  /// Ends `processes`, those of them that are still ours; SIGTERM.
  static func end(_ processes: Set<pid_t>) {
    for process in processes where parent(of: process) == getpid() { kill(process, SIGTERM) }
    forget(processes)
  }

  /// Ends what is left, before this process ends.
  package static func endAll() {
    end(known.withLock(\.self))
  }

  /// The children that `thread` of this process has started.
  static func children(of thread: pid_t) -> Set<pid_t> {
    let text = contents(ofFile: "/proc/self/task/\(thread)/children")
    return Set(text.split(separator: " ").compactMap { pid_t($0) })
  }

  /// The parent of a process; nil where there is none of that number.
  private static func parent(of process: pid_t) -> pid_t? {
    // The name before it is in parentheses, and may hold any of them itself.
    let text = contents(ofFile: "/proc/\(process)/stat")
    let fields = text[(text.lastIndex(of: ")") ?? text.endIndex)...].split(separator: " ")
    return fields.count > 2 ? pid_t(fields[2]) : nil
  }

  /// What a short file of /proc holds; empty where it can't be read.
  private static func contents(ofFile path: String) -> String {
    let file = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return "" }
    defer { close(file) }
    var bytes = [UInt8](repeating: 0, count: 4096)
    let count = unsafe read(file, &bytes, bytes.count)
    return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
  }
}
