// SPDX-License-Identifier: Apache-2.0
import Glibc

/// A counting semaphore whose timeouts do not depend on the wall clock.
///
/// `sem_timedwait` uses the wall clock, and Swift does not import `sem_clockwait`. So this is a
/// `pthread_cond_t` with `CLOCK_MONOTONIC`, at a fixed address.
@safe final class Semaphore: @unchecked Sendable {
  @unsafe private struct State {
    var mutex = unsafe pthread_mutex_t()
    var condition = pthread_cond_t()
    var count = 0
  }

  private let state: UnsafeMutablePointer<State>

  init() {
    unsafe state = .allocate(capacity: 1)
    unsafe state.initialize(to: State())
    var attributes = pthread_condattr_t()
    unsafe pthread_condattr_init(&attributes)
    unsafe pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
    unsafe pthread_mutex_init(&state.pointee.mutex, nil)
    unsafe pthread_cond_init(&state.pointee.condition, &attributes)
    unsafe pthread_condattr_destroy(&attributes)
  }

  deinit {
    unsafe pthread_cond_destroy(&state.pointee.condition)
    unsafe pthread_mutex_destroy(&state.pointee.mutex)
    unsafe state.deallocate()
  }

  /// Lets one waiting thread continue; `pthread_cond_signal`.
  func signal() {
    unsafe pthread_mutex_lock(&state.pointee.mutex)
    unsafe state.pointee.count += 1
    unsafe pthread_cond_signal(&state.pointee.condition)
    unsafe pthread_mutex_unlock(&state.pointee.mutex)
  }

  /// Waits for a signal, but not longer than until `limit`; `pthread_cond_timedwait`.
  func wait(until limit: MonotonicInstant? = nil) {
    unsafe pthread_mutex_lock(&state.pointee.mutex)
    defer { unsafe pthread_mutex_unlock(&state.pointee.mutex) }
    while unsafe state.pointee.count == 0 {
      guard let limit else {
        unsafe pthread_cond_wait(&state.pointee.condition, &state.pointee.mutex)
        continue
      }
      var time = limit.timespec
      let code = unsafe pthread_cond_timedwait(
        &state.pointee.condition, &state.pointee.mutex, &time)
      if code == ETIMEDOUT { return }
    }
    unsafe state.pointee.count -= 1
  }
}

/// A point in time that changes of the wall clock do not affect; `CLOCK_MONOTONIC`.
struct MonotonicInstant: Comparable {
  private let sinceBoot: Duration

  static var now: MonotonicInstant {
    var time = Glibc.timespec()
    unsafe clock_gettime(CLOCK_MONOTONIC, &time)
    return MonotonicInstant(sinceBoot: .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec))
  }

  var timespec: Glibc.timespec {
    let (seconds, attoseconds) = sinceBoot.components
    return Glibc.timespec(tv_sec: Int(seconds), tv_nsec: Int(attoseconds / 1_000_000_000))
  }

  static func + (instant: MonotonicInstant, duration: Duration) -> MonotonicInstant {
    MonotonicInstant(sinceBoot: instant.sinceBoot + duration)
  }

  static func - (left: MonotonicInstant, right: MonotonicInstant) -> Duration {
    left.sinceBoot - right.sinceBoot
  }

  static func < (left: MonotonicInstant, right: MonotonicInstant) -> Bool {
    left.sinceBoot < right.sinceBoot
  }
}
