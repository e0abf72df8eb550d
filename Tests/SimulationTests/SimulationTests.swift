// SPDX-License-Identifier: Apache-2.0

import Simulation
import Testing

/// Whole runs of virtmem in simulated time, each with the faults that its seed decides.
@Suite struct SimulationTests {
  private static let chunk: UInt64 = 100

  @Test("every run keeps the laws", arguments: 0..<5 as Range<UInt64>)
  func laws(chunk: UInt64) throws {
    let simulator = try Simulator()
    for seed in chunk * Self.chunk..<(chunk + 1) * Self.chunk {
      let violation = try simulator.run(seed: seed).violation
      #expect(violation == nil, "\(violation?.description ?? "")")
    }
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
