// SPDX-License-Identifier: Apache-2.0

import Basics
import Simulation
import Testing

/// Whole runs of virtmem in simulated time, each with the faults that its seed decides.
@Suite struct SimulationTests {
  private static let chunk: UInt64 = 256

  @Test("every run keeps the laws", arguments: 0..<8 as Range<UInt64>)
  func laws(chunk: UInt64) throws {
    let seeds = Array(chunk * Self.chunk..<(chunk + 1) * Self.chunk)
    // Runs of different seeds share nothing, so each processor takes some.
    let violations = seeds.concurrentParts { seeds in
      Result {
        let simulator = try Simulator()
        return try seeds.compactMap { try simulator.run(seed: $0).violation }
      }
    }
    for violation in try violations.flatMap({ try $0.get() }) { Issue.record("\(violation)") }
  }

  @Test("a seed always gives the same run")
  func determinism() throws {
    let (one, other) = (try Simulator(), try Simulator())
    for seed in 0..<40 as Range<UInt64> {
      let events = { (trace: [String]) in trace.filter { !$0.contains(" run: ") } }
      #expect(events(try one.run(seed: seed).trace) == events(try other.run(seed: seed).trace))
    }
  }

  @Test("the laws notice a fault of virtmem", arguments: Mutant.allCases)
  func mutants(mutant: Mutant) throws {
    let simulator = try Simulator()
    let broken = try (0..<300 as Range<UInt64>).first {
      try simulator.run(seed: $0, mutant: mutant).violation != nil
    }
    #expect(broken != nil)
  }
}
