// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import Synchronization

/// How the process reacts to SIGINT (Ctrl-C) and SIGTERM: it ends at once or finishes its step.
///
/// The handler is a C callback, so it must not be isolated to an actor. It uses only atomic
/// operations and `_exit`, which are safe in a signal handler.
package enum TerminationSignals {
  private static let received = Atomic<Int32>(0)
  private static let areDeferred = Atomic<Bool>(false)

  /// Makes SIGINT and SIGTERM end the process with status 130 and 143, and ignores SIGPIPE.
  ///
  /// libvirt's client may write to a socket that the daemon has closed. That must be an error and
  /// not the end of the process during `apply`.
  package static func install() {
    signal(SIGPIPE, SIG_IGN)
    // A signal handler must not be the first to use the text.
    announceWait(nil)
    for number in [SIGINT, SIGTERM] {
      signal(number) { number in
        let isFirst =
          TerminationSignals.received.compareExchange(
            expected: 0, desired: number, ordering: .sequentiallyConsistent
          ).exchanged
        guard isFirst, TerminationSignals.areDeferred.load(ordering: .sequentiallyConsistent) else {
          if isFirst { TerminationSignals.sayWait() }
          _exit(128 + number)
        }
        TerminationSignals.sayDeferred()
      }
    }
  }

  /// The text that the first signal writes, in memory that stays where it is.
  private nonisolated(unsafe) static let wait = UnsafeMutablePointer<UInt8>.allocate(
    capacity: waitCapacity)
  private static let waitCapacity = 512
  /// The number of bytes in ``wait``; 0 while the text changes.
  private static let waitLength = Atomic<Int>(0)
  private static let waitLock = Mutex(())

  /// Says what the process waits for, so that a signal that ends it can say so too; nil for nothing.
  package static func announceWait(_ words: String?) {
    let text = words.map { "\nInterrupted while \($0). Nothing was changed.\n" } ?? ""
    waitLock.withLock { _ in
      waitLength.store(0, ordering: .sequentiallyConsistent)
      let bytes = Array(text.utf8)
      guard bytes.count <= waitCapacity else { return }
      for (index, byte) in bytes.enumerated() { unsafe wait[index] = byte }
      waitLength.store(bytes.count, ordering: .sequentiallyConsistent)
    }
  }

  /// Writes the announced text to standard error; only atomic operations and `write`.
  private static func sayWait() {
    let length = waitLength.load(ordering: .sequentiallyConsistent)
    if length > 0 { _ = unsafe write(STDERR_FILENO, wait, length) }
  }

  /// Says on standard error that the run goes on until the call under way has ended; `write` is safe
  /// in a signal handler.
  private static func sayDeferred() {
    let text: StaticString = """

      Interrupted: virtmem waits for the call that is under way, checks its effect once, and ends. Press Ctrl-C again to end at once.

      """
    _ = unsafe write(STDERR_FILENO, text.utf8Start, text.utf8CodeUnitCount)
  }

  /// Makes the first signal only set ``deferred``; the second one still ends the process.
  package static func deferFirst() {
    areDeferred.store(true, ordering: .sequentiallyConsistent)
  }

  /// The first signal received; nil where there was none.
  package static var deferred: Int32? {
    let number = received.load(ordering: .sequentiallyConsistent)
    return number == 0 ? nil : number
  }
}
