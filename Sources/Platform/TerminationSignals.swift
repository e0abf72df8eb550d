// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import Synchronization

/// What Ctrl-C and SIGTERM do: end the process at once, or be taken note of while it writes.
///
/// The handler is a C callback, so it is formed here, outside every actor; it does nothing but
/// atomic operations and `_exit`.
package enum TerminationSignals {
  private static let received = Atomic<Int32>(0)
  private static let areDeferred = Atomic<Bool>(false)

  /// Makes SIGINT and SIGTERM end the process with status 130 and 143, and SIGPIPE do nothing.
  ///
  /// libvirt writes to a daemon that has gone as to any socket; that is an error to tell of, and
  /// nothing to die of in the middle of an apply.
  package static func install() {
    signal(SIGPIPE, SIG_IGN)
    for number in [SIGINT, SIGTERM] {
      signal(number) { number in
        let isFirst =
          TerminationSignals.received.compareExchange(
            expected: 0, desired: number, ordering: .sequentiallyConsistent
          ).exchanged
        if !isFirst || !TerminationSignals.areDeferred.load(ordering: .sequentiallyConsistent) {
          _exit(128 + number)
        }
      }
    }
  }

  /// From now on the first signal is only taken note of, and the second ends the process.
  package static func deferFirst() {
    areDeferred.store(true, ordering: .sequentiallyConsistent)
  }

  /// The signal that was taken note of; nil where there was none.
  package static var deferred: Int32? {
    let number = received.load(ordering: .sequentiallyConsistent)
    return number == 0 ? nil : number
  }
}
