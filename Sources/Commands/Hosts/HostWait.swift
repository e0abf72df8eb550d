// SPDX-License-Identifier: Apache-2.0

import MemoryModel
import Report
import Synchronization

/// Says on standard error for which hosts a run waits.
///
/// On a terminal this is one line, which disappears when the wait ends. A log gets a line every 15
/// seconds.
final class HostWait: Sendable {
  /// The time after which a terminal shows the line.
  private static let patience = Duration.seconds(2)
  /// The time between the lines of a log.
  private static let interval = Duration.seconds(15)

  /// The results of `body` for each host, with the wait told unless the run `isQuiet`.
  static func forEach<Value: Sendable>(
    _ hosts: [DesiredHost], limit: String, isQuiet: Bool, in environment: Environment,
    _ body: @escaping @Sendable (DesiredHost) async -> Value
  ) async -> [Value] {
    let wait = HostWait(for: hosts, limit: limit, in: environment)
    defer { environment.announceWait(nil) }
    let work: @Sendable () async -> [Value] = {
      await FleetSession.concurrently(hosts) { host in
        let value = await body(host)
        wait.end(host)
        return value
      }
    }
    return isQuiet ? await work() : await wait.shown(work)
  }

  private let waiting: Mutex<[String]>
  private let limit: String
  private let environment: Environment

  /// Makes a wait for `hosts`; `limit` says how long it can last.
  private init(for hosts: [DesiredHost], limit: String, in environment: Environment) {
    waiting = Mutex(hosts.map(\.label))
    self.limit = limit
    self.environment = environment
    announce(waiting.withLock(\.self))
  }

  /// Ends the wait for one host.
  private func end(_ host: DesiredHost) {
    let left = waiting.withLock { names in
      if let index = names.firstIndex(of: host.label) { names.remove(at: index) }
      return names
    }
    announce(left)
  }

  /// Lets a signal say for which hosts the run waits.
  private func announce(_ names: [String]) {
    environment.announceWait(names.isEmpty ? nil : "virtmem waited for \(NameList(names).start)")
  }

  /// The result of `body`; while it runs, standard error says what it waits for.
  private func shown<Value: Sendable>(_ body: () async -> Value) async -> Value {
    await withTaskGroup(of: Bool.self) { group in
      group.addTask { await self.tell() }
      let value = await body()
      group.cancelAll()
      if await group.next() == true { environment.error.overwrite("") }
      return value
    }
  }

  /// Tells until it is cancelled; returns whether a terminal shows a line.
  private func tell() async -> Bool {
    let isTerminal = environment.error.isTerminal
    var (elapsed, told, hasLine) = (Duration.zero, Duration.zero, false)
    while true {
      await environment.tick(.seconds(1))
      elapsed += .seconds(1)
      let names = waiting.withLock(\.self)
      if Task.isCancelled || names.isEmpty { return hasLine }
      let line: ShownText =
        "waiting for \(NameList(names).start) (\(elapsed.components.seconds) s\(limit))"
      if isTerminal && elapsed >= Self.patience {
        environment.error.overwrite(line)
        hasLine = true
      } else if !isTerminal && elapsed - told >= Self.interval {
        environment.error.write(line + "\n")
        told = elapsed
      }
    }
  }
}
