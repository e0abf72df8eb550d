// SPDX-License-Identifier: Apache-2.0
import MemoryModel
import Synchronization

/// The domains of a host that are still to be read, and what became of the others.
///
/// A job takes one after the other: a job a domain would cost as much again as reading it.
final class ReadingQueue: Sendable {
  typealias Reading = Result<DomainReading, HypervisorError>

  private struct State {
    var next = 0
    var readings: [Reading?]
    var jobs: [Job] = []
    var deadlinesLeft: Int
    var failure: HypervisorError?
  }

  private let outlines: [DomainOutline]
  private let state: Mutex<State>

  /// Makes a queue that gives a host up after so many domains that overran their deadline.
  init(_ outlines: [DomainOutline], deadlines: Int) {
    self.outlines = outlines
    state = Mutex(
      State(
        readings: Array(repeating: nil, count: outlines.count), deadlinesLeft: deadlines))
  }

  /// How many domains there are.
  var count: Int { outlines.count }

  /// Whether nothing is left to take, or the host was given up.
  var isExhausted: Bool {
    state.withLock { $0.next == outlines.count || $0.failure != nil }
  }

  /// Reads one domain after the other on this thread, each within the deadline of its job.
  ///
  /// `hand` holds the number of the domain in hand; who finds it emptied has been given up.
  ///
  /// - Throws: ``HypervisorError`` where the connection broke.
  func read(
    in hand: Hand, _ read: (DomainOutline) throws(HypervisorError) -> DomainReading
  ) throws(HypervisorError) {
    if let job = Job.current { state.withLock { $0.jobs.append(job) } }
    while let number = take() {
      hand.number.withLock { $0 = number }
      Job.current?.renew()
      let reading = Reading { () throws(HypervisorError) in try read(outlines[number]) }
      guard hand.number.withLock({ $0.take() }) != nil else { return }
      put(reading, at: number)
      if case .failure(let error) = reading, error.kind == .connection { throw error }
    }
  }

  /// The domains that missed their deadline, with their numbers; none where the host was given up.
  var overdue: [(number: Int, outline: DomainOutline)] {
    let state = state.withLock(\.self)
    guard state.failure == nil else { return [] }
    return zip(state.readings, outlines).enumerated().compactMap { number, domain in
      guard case .failure(let error)? = domain.0, error.kind == .deadline else { return nil }
      return (number, domain.1)
    }
  }

  /// Puts down what became of a domain when it was read again.
  func replace(_ number: Int, with reading: Reading) {
    state.withLock { $0.readings[number] = reading }
  }

  /// Puts down `error` for the domain that was in hand when its job was given up; with none in hand
  /// the job was never begun, and the host is given up.
  func giveUp(_ hand: Hand, _ error: HypervisorError) {
    if let number = hand.number.withLock({ $0.take() }) {
      put(.failure(error), at: number)
    } else {
      stop(error)
    }
  }

  /// Gives the host up, and waits no longer for what is being read.
  ///
  /// A call that gets no answer can hold up the others of its connection, in libvirt's client too.
  func stop(_ error: HypervisorError) {
    let jobs = state.withLock {
      $0.failure = $0.failure ?? error
      return $0.jobs
    }
    for job in jobs { job.refuse(error) }
  }

  /// What became of each domain, in their order; nil where it was not read.
  ///
  /// - Throws: ``HypervisorError`` where the host as a whole has stopped answering.
  func results() throws(HypervisorError) -> [Reading?] {
    let (readings, failure) = state.withLock { ($0.readings, $0.failure) }
    if let failure { throw failure }
    return readings
  }

  private func take() -> Int? {
    state.withLock {
      guard $0.next < outlines.count, $0.failure == nil else { return nil }
      $0.next += 1
      return $0.next - 1
    }
  }

  private func put(_ reading: Reading, at number: Int) {
    state.withLock {
      $0.readings[number] = reading
      guard case .failure(let error) = reading else { return }
      // A host that has stopped answering would cost a deadline for every few of its domains.
      if error.kind == .deadline { $0.deadlinesLeft -= 1 }
      if error.kind == .connection || $0.deadlinesLeft == 0 {
        $0.failure = $0.failure ?? error
      }
    }
  }

  /// What one job has in hand, for it and for who gives it up.
  final class Hand: Sendable {
    let number = Mutex<Int?>(nil)
  }
}
