// SPDX-License-Identifier: Apache-2.0

import Applier
import Basics
import MemoryModel
import Platform
import Report

/// The locks of the hosts that an apply changes: on one machine, one apply at a time changes a host.
///
/// The locks end with the value. A run takes all of them before its first step and in the order of
/// their names, so that two runs never wait for each other.
struct HostLocks: Sendable {
  /// Why a host can't be changed, by the host's name.
  private(set) var failures: [String: StepFailure] = [:]
  private var locks: [String: FileLock] = [:]

  /// Takes the lock of each host on which `run` has steps.
  ///
  /// It waits for another apply that holds a lock, for at most `timeout`.
  init(
    of run: Apply.Execution, timeout: Duration, isQuiet: Bool, in environment: Environment
  ) async {
    let changed = Set(run.plan.domains.filter { !$0.steps.isEmpty }.compactMap(\.host))
    let hosts = changed.compactMap { host -> (name: String, lock: String)? in
      guard case .observed(let observed)? = run.observations[host] else { return nil }
      return (host, observed.lockName)
    }
    let attempt = Attempt(
      note: run.note, timeout: timeout, isQuiet: isQuiet, environment: environment)
    // Two Hosts that are the same one share its lock.
    for host in hosts.sorted(by: { ($0.lock, $0.name) < ($1.lock, $1.name) })
    where locks[host.lock] == nil {
      do throws(StepFailure) {
        locks[host.lock] = try await attempt.take(host.lock, of: host.name)
      } catch {
        failures[host.name] = error
        if !isQuiet { attempt.tell("\(error.message)", of: host.name) }
      }
    }
  }

  /// How a run takes a lock.
  private struct Attempt {
    /// How long to wait before the next try.
    private static let pause = Duration.milliseconds(250)

    let note: String?
    let timeout: Duration
    let isQuiet: Bool
    let environment: Environment

    /// Takes a lock; nil where this machine has no folder for locks.
    ///
    /// - Throws: ``StepFailure/hostLocked(_:)`` where another apply keeps the lock,
    ///   ``StepFailure/lockUnusable(_:)``, and ``StepFailure/interrupted(_:)``.
    func take(_ lock: String, of host: String) async throws(StepFailure) -> FileLock? {
      let start = environment.clock.now
      var isTold = false
      while true {
        guard let record = try tryOnce(lock) else { return nil }
        switch record {
        case .taken(let lock): return lock
        case .held(let record):
          let holder = LockHolder(record: String(decoding: record, as: UTF8.self))
          guard environment.clock.now - start < timeout else { throw .hostLocked(holder) }
          guard environment.deferredSignal() == nil else { throw .interrupted(.beforeDomain) }
          if !isTold && !isQuiet {
            tell("Waiting for another apply: \(holder.words).", of: host)
            isTold = true
          }
          await environment.clock.sleep(Self.pause)
        }
      }
    }

    /// Writes a message about a host, whose name is shown where the manifests declare Hosts.
    func tell(_ message: ShownText, of host: String) {
      let text = host == DesiredHost.implicitName ? message : "\(host): " + message
      environment.error.write(paragraph: text)
    }

    private func tryOnce(_ lock: String) throws(StepFailure) -> FileLock.Attempt? {
      let holder = LockHolder(
        user: environment.runner.user, processID: "\(environment.runner.processID)",
        since: environment.timestamp(), note: note)
      do throws(FileError) {
        guard let folder = try environment.lockFolder().get() else { return nil }
        return try FileLock.attempt(lock, in: folder, record: Array(holder.record.utf8))
      } catch {
        throw .lockUnusable(error.message)
      }
    }
  }
}

extension ObservedHost {
  /// The name of the host's lock file, made from what identifies the host: its UUID, or its name
  /// where the driver has no UUID, the driver, and whether it is the system's or a user's.
  ///
  /// A host of the test driver belongs to its process, so there its URI counts too.
  fileprivate var lockName: String {
    var identity = [uuid ?? hostname ?? "", driver.word, isSession ? "session" : "system"]
    if driver == .test { identity.append(uri ?? "") }
    let hash = SHA256.hexadecimal(of: Array(identity.joined(separator: "\n").utf8))
    return "\(hash.prefix(32)).lock"
  }
}
