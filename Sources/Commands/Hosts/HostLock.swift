// SPDX-License-Identifier: Apache-2.0

import Applier
import Basics
import MemoryModel
import Platform
import Report

/// Takes the locks of hosts for an apply: on one machine, one apply at a time changes a host.
struct HostLock {
  /// How long to wait before the next try.
  private static let pause = Duration.milliseconds(250)

  let note: String?
  let timeout: Duration
  let isQuiet: Bool
  let environment: Environment

  /// Takes the lock of `host`, which the manifests call `name`.
  ///
  /// It waits for another apply that holds the lock, at most as long as the user allows.
  ///
  /// - Returns: The lock; nil where this machine has no folder for locks.
  /// - Throws: ``StepFailure/hostLocked(_:)`` where another apply keeps the lock,
  ///   ``StepFailure/lockUnusable(_:)``, and ``StepFailure/interrupted(_:)``.
  func take(_ host: ObservedHost, named name: String) async throws(StepFailure) -> FileLock? {
    let start = environment.clock.now
    var isTold = false
    while true {
      let attempt: FileLock.Attempt?
      do throws(FileError) {
        attempt = try self.attempt(host)
      } catch {
        throw .lockUnusable(error.message)
      }
      guard case .held(let record)? = attempt else {
        if case .taken(let lock)? = attempt { return lock }
        return nil
      }
      let holder = LockHolder(record: String(decoding: record, as: UTF8.self))
      guard environment.clock.now - start < timeout else { throw .hostLocked(holder) }
      guard environment.deferredSignal() == nil else { throw .interrupted(.beforeDomain) }
      if !isTold && !isQuiet {
        environment.error.write("\(name): waiting for another apply: \(holder.words).\n")
        isTold = true
      }
      await environment.clock.sleep(Self.pause)
    }
  }

  private func attempt(_ host: ObservedHost) throws(FileError) -> FileLock.Attempt? {
    guard let folder = try environment.lockFolder() else { return nil }
    let holder = LockHolder(
      user: environment.runner.user, processID: "\(environment.runner.processID)",
      since: environment.timestamp(), note: note)
    return try FileLock.attempt(host.lockName, in: folder, record: Array(holder.record.utf8))
  }
}

extension ObservedHost {
  /// The name of the host's lock file, made from what identifies the host: its UUID, or its name
  /// where the driver has no UUID, the driver, and whether it is the system's or a user's.
  fileprivate var lockName: String {
    let identity = [uuid ?? hostname ?? "", driver.word, isSession ? "session" : "system"]
    let hash = SHA256.hexadecimal(of: Array(identity.joined(separator: "\n").utf8))
    return "\(hash.prefix(32)).lock"
  }
}
