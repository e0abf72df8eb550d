// SPDX-License-Identifier: Apache-2.0
import Glibc
import MemoryModel

/// Starts a new thread that runs `body`; `pthread_create`.
///
/// The thread blocks SIGPIPE, so that a connection that the other side has closed gives libvirt an
/// error and does not end the process.
///
/// It is a free function, and so not isolated to an actor: a C callback that belongs to an actor
/// traps when C calls it on another thread.
///
/// - Throws: ``HypervisorError`` where the system can't start a thread.
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
  /// The error for a thread that could not be started; `code` is the value of `errno`.
  static func noThread(code: Int32) -> HypervisorError {
    HypervisorError(
      .refused, call: "pthread_create", message: unsafe String(cString: strerror(code)))
  }
}
