// SPDX-License-Identifier: Apache-2.0
import Glibc
import MemoryModel
import Synchronization
import Testing

@testable import LibvirtClient

@Suite(.timeLimit(.minutes(1))) struct WorkerPoolTests {
  private let patience = Duration.seconds(50)

  @Test func manyJobsAreEachAnsweredOnce() async throws {
    let pool = try WorkerPool(size: 4)
    defer { pool.close {} }
    let answers = try await withThrowingTaskGroup(of: Int.self) { group in
      for number in 0..<2000 {
        group.addTask { try await pool.run(within: patience) { number } }
      }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    #expect(answers.sorted() == Array(0..<2000))
  }

  @Test func aJobsErrorIsItsCallers() async throws {
    let pool = try WorkerPool(size: 1)
    defer { pool.close {} }
    let refusal = HypervisorError(.refused, call: "virDomainSetMemoryFlags", message: "no")
    let error = await failure { () throws(HypervisorError) in
      try await pool.run(within: patience) { () throws(HypervisorError) in throw refusal }
    }
    #expect(error == refusal)
  }

  @Test func aStuckJobCostsItsDeadlineAndItsErrorNamesTheCall() async throws {
    let pool = try WorkerPool(size: 1)
    let gate = Semaphore()
    let start = MonotonicInstant.now
    let error = await failure { () throws(HypervisorError) in
      try await pool.run(within: .milliseconds(50)) { () throws(HypervisorError) in
        _ = try libvirt("virDomainGetXMLDesc") {
          gate.wait()
          return 0
        }
      }
    }
    #expect(error?.kind == .deadline)
    #expect(error?.call == "virDomainGetXMLDesc")
    #expect(MonotonicInstant.now >= start + .milliseconds(50))
    gate.signal()
    pool.close {}
  }

  @Test func asManyStuckJobsAsThreadsLeaveThePoolServing() async throws {
    let pool = try WorkerPool(size: 2)
    let gate = Semaphore()
    await withTaskGroup(of: HypervisorError.Kind?.self) { group in
      for _ in 0..<4 {
        group.addTask {
          await failure { () throws(HypervisorError) in
            try await pool.run(within: .milliseconds(50)) { gate.wait() }
          }?.kind
        }
      }
      for await kind in group { #expect(kind == .deadline) }
    }
    #expect(try await pool.run(within: patience) { "served" } == "served")
    for _ in 0..<4 { gate.signal() }
    pool.close {}
  }

  @Test func nobodyWaitsForAStuckJobButItsOwnCaller() async throws {
    let pool = try WorkerPool(size: 2)
    let gate = Semaphore()
    let isStuck = Semaphore()
    async let stuck = failure { () throws(HypervisorError) in
      try await pool.run(within: patience) {
        isStuck.signal()
        gate.wait()
      }
    }
    isStuck.wait()
    for number in 0..<100 {
      #expect(try await pool.run(within: patience) { number } == number)
    }
    gate.signal()
    #expect(await stuck == nil)
    pool.close {}
  }

  @Test func aShortDeadlineIsKeptBesideALongOne() async throws {
    let pool = try WorkerPool(size: 2)
    let gate = Semaphore()
    let start = MonotonicInstant.now
    async let long: Void = pool.run(within: patience) { gate.wait() }
    let error = await failure { () throws(HypervisorError) in
      try await pool.run(within: .milliseconds(50)) { Semaphore().wait(until: start + patience) }
    }
    #expect(error?.kind == .deadline)
    #expect(MonotonicInstant.now < start + .seconds(40))
    gate.signal()
    try await long
    pool.close {}
  }

  @Test func closingWaitsForNobodyAndAStuckThreadSaysFarewellWhenItComesBack() async throws {
    let pool = try WorkerPool(size: 1)
    let gate = Semaphore()
    let isDone = Semaphore()
    let saidFarewell = Flag()
    let error = await failure { () throws(HypervisorError) in
      _ = try await pool.run(within: .milliseconds(50)) {
        gate.wait()
        return "late"
      }
    }
    #expect(error?.kind == .deadline)
    let isIdle = pool.close {
      saidFarewell.raise()
      isDone.signal()
    }
    #expect(!isIdle)
    #expect(!saidFarewell.isRaised)
    gate.signal()
    isDone.wait()
  }

  @Test func aPoolWhoseThreadsHaveNothingToDoIsIdleWhenItCloses() async throws {
    let pool = try WorkerPool(size: 2)
    // A thread that has answered is at work for a moment still.
    #expect(try await pool.run(within: patience) { "served" } == "served")
    let limit = MonotonicInstant.now + patience
    while !pool.isIdle && MonotonicInstant.now < limit { usleep(1000) }
    let isIdle = pool.close {}
    #expect(isIdle)
  }

  @Test func aBrokenPipeIsAnErrorOnAThreadOfThePoolAndNotTheEndOfTheProcess() async {
    await #expect(processExitsWith: .success) {
      var ends: [Int32] = [0, 0]
      unsafe pipe(&ends)
      close(ends[0])
      let end = ends[1]
      let pool = try WorkerPool(size: 1)
      let code = try await pool.run(within: .seconds(50)) {
        unsafe write(end, "x", 1) < 0 ? errno : 0
      }
      exit(code == EPIPE ? 0 : 1)
    }
  }

  @Test func theProcessExitsWithAThreadStuck() async {
    await #expect(processExitsWith: .success) {
      let pool = try WorkerPool(size: 1)
      _ = await failure { () throws(HypervisorError) in
        try await pool.run(within: .milliseconds(50)) { Semaphore().wait() }
      }
      pool.close {}
      exit(0)
    }
  }
}

private final class Flag: Sendable {
  private let state = Mutex(false)

  var isRaised: Bool { state.withLock(\.self) }

  func raise() {
    state.withLock { $0 = true }
  }
}
