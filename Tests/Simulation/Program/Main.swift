// SPDX-License-Identifier: Apache-2.0

import Foundation
import Simulation

/// `make simulation`: simulates runs of many seeds, or replays one with all that happens in it.
@main
enum Main {
  static func main() throws {
    let arguments = Array(CommandLine.arguments.dropFirst())
    func number(_ name: String) -> UInt64? {
      guard let index = arguments.firstIndex(of: name), index + 1 < arguments.count else {
        return nil
      }
      return UInt64(arguments[index + 1])
    }
    let simulator = try Simulator()
    if let seed = number("--seed") {
      let (violation, trace) = try simulator.run(seed: seed)
      for (index, event) in trace.enumerated() { print(index, event) }
      print(violation.map { "\($0.law)" } ?? "seed \(seed) keeps every law")
      exit(violation == nil ? 0 : 1)
    }
    guard let count = number("--seeds") else {
      print("usage: virtmem-simulation --seeds COUNT [--from SEED], or --seed SEED")
      exit(64)
    }
    let first = number("--from") ?? 0
    var failures = 0
    for seed in first..<first + count {
      guard let violation = try simulator.run(seed: seed).violation else { continue }
      failures += 1
      if failures <= 20 { print(violation, terminator: "\n\n") }
    }
    print("\(count) seeds simulated, \(failures) broke a law")
    exit(failures == 0 ? 0 : 1)
  }
}
