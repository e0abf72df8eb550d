// SPDX-License-Identifier: Apache-2.0

internal import MemoryModel
internal import Synchronization
internal import TestSupport

/// Decides by the seed which calls go wrong, and what happens to hosts and runs meanwhile.
final class Faults: Sendable {
  /// What goes wrong with a call that changes a domain.
  enum CallFault {
    case refused
    case busy
    /// No answer comes, and the call acts after this time, or never.
    case late(Duration?)
    /// The call acts, and its answer is lost.
    case lost
  }

  let scheduler: Scheduler
  private let world: World
  private let trace: Trace
  private let fate: Mutex<Fate>

  init(seed: UInt64, _ world: World, _ trace: Trace, on scheduler: Scheduler) {
    self.world = world
    self.trace = trace
    self.scheduler = scheduler
    fate = Mutex(Fate(seed: seed))
  }

  /// Ends all faults and disturbances.
  func stop() { fate.withLock { $0.isOver = true } }

  func latency() -> Duration { fate.withLock { $0.latency() } }

  func losesAnswer() -> Bool { fate.withLock { $0.fault(oneIn: 60) } }

  func refusesConnection() -> Bool { fate.withLock { $0.fault(oneIn: 30) } }

  func choose<Value>(_ body: (inout SeededGenerator) -> Value) -> Value {
    fate.withLock { body(&$0.generator) }
  }

  func callFault() -> CallFault? {
    fate.withLock { fate in
      guard fate.fault(oneIn: 8) else { return nil }
      switch fate.generator.next() % 5 {
      case 0: return .refused
      case 1: return .busy
      case 2: return .lost
      case 3: return .late(nil)
      default: return .late(.seconds(fate.generator.between(1, 300)))
      }
    }
  }

  /// Perhaps does something to a host or a run, now or in a moment.
  func disturb(_ host: World.Host, _ process: Process, drop: @escaping @Sendable () -> Void) {
    let chosen = fate.withLock { fate -> (UInt64, UInt64, Duration)? in
      guard fate.fault(oneIn: 15) else { return nil }
      return (
        fate.generator.next() % 10, fate.generator.next(),
        .milliseconds(fate.generator.next() % 40)
      )
    }
    guard let (kind, detail, delay) = chosen else { return }
    scheduler.after(delay) { [self] in
      guard !process.isDead && !process.isFinished else { return }
      switch kind {
      case 0:
        note("the connection drops", host)
        drop()
      case 1: interrupt(process)
      case 2:
        note("the run is killed", host)
        process.kill()
      case 3:
        note("the host's memory is taken", host)
        world.disturb(host) { $0.availableMemory = .gibibytes(detail % 8) }
      default: changeDomain(of: host, kind, detail)
      }
    }
  }

  /// Perhaps lets other programs take the memory of a host right before virtmem reads it.
  func fill(_ host: World.Host) {
    let left = fate.withLock { $0.fault(oneIn: 6) ? $0.generator.next() % 8 : nil }
    guard let left else { return }
    note("the host's memory is taken", host)
    world.disturb(host) { $0.availableMemory = .gibibytes(left) }
  }

  private func interrupt(_ process: Process) {
    if process.interrupt() {
      trace.add(.interrupt)
    } else {
      trace.add(.disturbance("Ctrl-C ends the run"))
    }
  }

  private func changeDomain(of host: World.Host, _ kind: UInt64, _ detail: UInt64) {
    let domains = host.hypervisor.host.domains
    guard !domains.isEmpty else { return }
    let uuid = domains[Int(detail % UInt64(domains.count))].uuid
    let size = Limit.size(.gibibytes(30 + detail % 9))
    trace.add(.disturbance("another writer, \(kind)"), host: host.name, uuid: uuid)
    world.disturb(host) { host in
      guard let index = host.domains.firstIndex(where: { $0.uuid == uuid }) else { return }
      switch kind {
      case 4: host.domains[index].persistent?.memtune.softLimit = size
      case 5: host.domains[index].live?.memtune.softLimit = size
      case 6: host.domains[index].stop()
      case 7 where host.domains[index].state == .running: host.domains[index].state = .paused
      case 8 where host.domains[index].state == .paused: host.domains[index].state = .running
      default: host.domains[index].persistent?.memtune.hardLimit = size
      }
    }
    world.disturb(host) { $0.domains.removeAll { !$0.isActive && !$0.isPersistent } }
  }

  private func note(_ text: String, _ host: World.Host) {
    trace.add(.disturbance(text), host: host.name)
  }
}

extension ObservedDomain {
  /// The guest powers off; a transient domain disappears with it.
  fileprivate mutating func stop() {
    guard isActive else { return }
    (isActive, live, state, job, statistics) = (false, nil, .shutOff, nil, nil)
  }
}
