// SPDX-License-Identifier: Apache-2.0
import MemoryModel
import Synchronization

/// The domains of a host that still have to be read, and the results of the others.
///
/// One job reads many domains, because a job for each domain would double the time.
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

  /// Makes a queue that gives up the host after `deadlines` domains have missed their deadlines.
  init(_ outlines: [DomainOutline], deadlines: Int) {
    self.outlines = outlines
    state = Mutex(
      State(
        readings: Array(repeating: nil, count: outlines.count), deadlinesLeft: deadlines))
  }

  /// Whether any of the domains is active.
  var hasActive: Bool { outlines.contains(where: \.isActive) }

  /// The number of domains.
  var count: Int { outlines.count }

  /// Whether no domain is left, or the host was given up.
  var isExhausted: Bool {
    state.withLock { $0.next == outlines.count || $0.failure != nil }
  }

  /// Reads domains on this thread until none is left; each has the full time limit of the job.
  ///
  /// `then` gets each domain that was read, outside its time limit.
  ///
  /// `claim` contains the number of the domain that is being read. If ``giveUp(_:_:)`` has emptied
  /// it, the function drops the result and returns.
  ///
  /// - Throws: ``HypervisorError`` where the connection broke.
  func read(
    in claim: Claim, _ read: (DomainOutline) throws(HypervisorError) -> DomainReading,
    then pass: (DomainReading) -> Void = { _ in }
  ) throws(HypervisorError) {
    if let job = Job.current { state.withLock { $0.jobs.append(job) } }
    while let number = take() {
      claim.number.withLock { $0 = number }
      Job.current?.renew()
      let reading = Reading { () throws(HypervisorError) in try read(outlines[number]) }
      guard claim.number.withLock({ $0.take() }) != nil else { return }
      put(reading, at: number)
      switch reading {
      case .success(let reading): pass(reading)
      case .failure(let error): if error.kind == .connection { throw error }
      }
    }
  }

  /// The domains that missed their deadlines, with their numbers; empty if the host was given up.
  var overdue: [(number: Int, outline: DomainOutline)] {
    let state = state.withLock(\.self)
    guard state.failure == nil else { return [] }
    return zip(state.readings, outlines).enumerated().compactMap { number, domain in
      guard case .failure(let error)? = domain.0, error.kind == .deadline else { return nil }
      return (number, domain.1)
    }
  }

  /// Replaces the result of a domain that was read again.
  func replace(_ number: Int, with reading: Reading) {
    state.withLock { $0.readings[number] = reading }
  }

  /// Records `error` for the domain in `claim`, whose job was given up.
  ///
  /// With no domain in `claim` the job never started, and the host is given up.
  func giveUp(_ claim: Claim, _ error: HypervisorError) {
    if let number = claim.number.withLock({ $0.take() }) {
      put(.failure(error), at: number)
    } else {
      stop(error)
    }
  }

  /// Gives up the host, and fails all jobs that are still reading.
  ///
  /// A call without an answer can block other calls of its connection, also in libvirt's client.
  func stop(_ error: HypervisorError) {
    let jobs = state.withLock {
      $0.failure = $0.failure ?? error
      return $0.jobs
    }
    for job in jobs { job.refuse(error) }
  }

  /// The results of the domains, in their order; nil for a domain that was not read.
  ///
  /// - Throws: ``HypervisorError`` where the host was given up.
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
      // Waiting a deadline for every few domains of a host that stopped answering takes too long.
      if error.kind == .deadline { $0.deadlinesLeft -= 1 }
      if error.kind == .connection || $0.deadlinesLeft == 0 {
        $0.failure = $0.failure ?? error
      }
    }
  }

  /// The number of the domain that a job is reading; the job and ``giveUp(_:_:)`` share it.
  final class Claim: Sendable {
    let number = Mutex<Int?>(nil)
  }
}
