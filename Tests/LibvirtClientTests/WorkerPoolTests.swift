// SPDX-License-Identifier: Apache-2.0
import Glibc
import MemoryModel
import Synchronization
import Testing

@testable import LibvirtClient

@Suite(.timeLimit(.minutes(1))) struct WorkerPoolTests {
  private let patience = Duration.seconds(50)

  @Test("the pool answers each of many jobs once")
  func manyJobs() async throws {
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

  @Test("the pool throws a job's error to its caller")
  func errors() async throws {
    let pool = try WorkerPool(size: 1)
    defer { pool.close {} }
    let refusal = HypervisorError(.refused, call: "virDomainSetMemoryFlags", message: "no")
    let error = await failure { () throws(HypervisorError) in
      try await pool.run(within: patience) { () throws(HypervisorError) in throw refusal }
    }
    #expect(error == refusal)
  }

  @Test("an error of libvirt doesn't show the passwords that the pool was given")
  func secrets() async throws {
    let pool = try WorkerPool(size: 1, hiding: Secrets(ofURIs: ["a://u:geheim@h/"]))
    defer { pool.close {} }
    let error = await failure { () throws(HypervisorError) in
      try await pool.run(within: patience) { () throws(HypervisorError) in
        _ = try Connection.open("geheim", .readOnly)
      }
    }
    #expect(error?.message.contains("***") == true)
    #expect(error?.message.contains("geheim") == false)
  }

  @Test("a stuck job costs its deadline, and its error names the call")
  func deadline() async throws {
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

  @Test("the pool still serves after as many stuck jobs as threads")
  func replacedThreads() async throws {
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

  @Test("only its own caller waits for a stuck job")
  func otherCallers() async throws {
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

  @Test("the pool keeps a short deadline while a longer one runs")
  func shortDeadline() async throws {
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

  @Test("closing the pool doesn't wait for a stuck thread, whose cleanup runs when it returns")
  func closing() async throws {
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

  @Test("the pool is idle when it closes without running jobs")
  func idle() async throws {
    let pool = try WorkerPool(size: 2)
    // A thread stays busy for a moment after its answer.
    #expect(try await pool.run(within: patience) { "served" } == "served")
    let limit = MonotonicInstant.now + patience
    while !pool.isIdle && MonotonicInstant.now < limit { usleep(1000) }
    let isIdle = pool.close {}
    #expect(isIdle)
  }

  @Test("a broken pipe on a thread of the pool is an error and doesn't end the process")
  func brokenPipe() async {
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

  @Test("the process exits in spite of a stuck thread")
  func stuckExit() async {
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
