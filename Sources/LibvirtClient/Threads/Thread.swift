// SPDX-License-Identifier: Apache-2.0
import Glibc
import MemoryModel

/// Starts a thread of its own for `body`; `pthread_create`.
///
/// SIGPIPE is blocked on it: where the other end of a connection has gone, libvirt gets an error
/// and not the process its end, while what is written to standard output ends it as ever.
///
/// A free function, and so isolated to nothing: a C callback that is formed where code belongs to
/// an actor traps when C calls it from another thread.
///
/// - Throws: ``HypervisorError`` where the system has no thread to give.
func startThread(_ body: @escaping @Sendable () -> Void) throws(HypervisorError) {
  let context = unsafe Unmanaged.passRetained(ThreadBody(body))
  var thread = pthread_t()
  let code = unsafe pthread_create(
    &thread, nil,
    { context in
      guard let context = unsafe context else { return nil }
      blockBrokenPipes()
      unsafe Unmanaged<ThreadBody>.fromOpaque(context).takeRetainedValue().run()
      return nil
    }, context.toOpaque())
  guard code == 0 else {
    unsafe context.release()
    throw .noThread(code: code)
  }
  pthread_detach(thread)
}

/// Blocks SIGPIPE on this thread; `pthread_sigmask`.
private func blockBrokenPipes() {
  var signals = sigset_t()
  unsafe sigemptyset(&signals)
  unsafe sigaddset(&signals, SIGPIPE)
  unsafe pthread_sigmask(SIG_BLOCK, &signals, nil)
}

private final class ThreadBody: Sendable {
  let run: @Sendable () -> Void

  init(_ run: @escaping @Sendable () -> Void) {
    self.run = run
  }
}

extension HypervisorError {
  /// The system has no thread to give, for the reason that `errno` value `code` names.
  static func noThread(code: Int32) -> HypervisorError {
    HypervisorError(
      .refused, call: "pthread_create", message: unsafe String(cString: strerror(code)))
  }
}
