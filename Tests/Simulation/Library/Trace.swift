// SPDX-License-Identifier: Apache-2.0

internal import MemoryModel
internal import Synchronization

/// What happened in a simulation, in order.
struct Event: Sendable {
  enum Kind: Sendable {
    /// A run began or ended.
    case run(String)
    /// virtmem got this answer to a look that it began at the event `since`.
    case look(ObservedDomain, since: Int)
    case lookFailed(HypervisorError)
    /// virtmem read what a host has free, after it had asked at the event `since`.
    case reading(HostFigures, since: Int)
    /// virtmem began a call.
    case call(Call)
    /// virtmem got the answer to the call of the event `of`.
    case answer(of: Int, HypervisorError?)
    /// A disturbance.
    case disturbance(String)
    /// Ctrl-C, which the run had deferred.
    case interrupt
  }

  let time: Duration
  let host: String
  let uuid: String
  let kind: Kind
}

/// The events of a simulation.
final class Trace: Sendable {
  private let scheduler: Scheduler
  private let all = Mutex<[Event]>([])

  init(_ scheduler: Scheduler) { self.scheduler = scheduler }

  var events: [Event] { all.withLock(\.self) }
  /// The number of the next event.
  var count: Int { all.withLock(\.count) }

  @discardableResult
  func add(_ kind: Event.Kind, host: String = "", uuid: String = "") -> Int {
    let event = Event(time: scheduler.now, host: host, uuid: uuid, kind: kind)
    return all.withLock { events in
      events.append(event)
      return events.count - 1
    }
  }
}

extension Event: CustomStringConvertible {
  var description: String {
    let parts = time.components
    let place = "\(parts.seconds).\(parts.attoseconds / 1_000_000_000_000_000) \(host) \(uuid)"
    return switch kind {
    case .run(let text): "\(place) run: \(text)"
    case .look(let domain, let since): "\(place) look since \(since): \(domain.words)"
    case .lookFailed(let error): "\(place) look failed: \(error.reason)"
    case .reading(let figures, let since):
      "\(place) read since \(since): \(figures.available?.description ?? "-") available"
    case .call(let call): "\(place) call: \(call.words)"
    case .answer(let call, let error):
      "\(place) answer of \(call): \(error.map { "\($0.kind) \($0.reason)" } ?? "accepted")"
    case .disturbance(let text): "\(place) disturbance: \(text)"
    case .interrupt: "\(place) Ctrl-C"
    }
  }
}

extension Call {
  fileprivate var words: String {
    let changes = changes.map {
      "\($0.field) \($0.from?.description ?? "-") -> \($0.to?.description ?? "-")"
    }
    return "\(api) \(plane.rawValue) \(changes.joined(separator: ", "))"
  }
}

extension ObservedDomain {
  fileprivate var words: String {
    let planes = Plane.allCases.map { plane in
      let definition = self[plane]
      let fields = (definition?.declaredFields ?? []).sorted { "\($0)" < "\($1)" }
        .map { "\($0)=\(definition?[$0]?.description ?? "-")" }
      return "\(plane.rawValue): \(fields.joined(separator: " "))"
    }
    return "\(name) \(state.rawValue) \(planes.joined(separator: " | "))"
  }
}
