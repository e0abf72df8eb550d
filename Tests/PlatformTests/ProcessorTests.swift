// SPDX-License-Identifier: Apache-2.0

import Foundation
import Platform
import Testing

@Suite struct ProcessorTests {
  /// The processors on which this thread may run, as the kernel lists them.
  private var allowed: String {
    get throws {
      let status = try String(contentsOfFile: "/proc/thread-self/status", encoding: .utf8)
      let line = try #require(
        status.split(separator: "\n").first { $0.hasPrefix("Cpus_allowed_l") })
      return line.split(separator: "\t").last.map(String.init) ?? ""
    }
  }

  @Test("a thread stays on the processor while the body runs, and may go elsewhere afterwards")
  func bound() throws {
    let before = try allowed
    let within = try Processor.run(on: .current) { try allowed }
    #expect(Int(within) != nil)
    #expect(try allowed == before)
  }

  @Test("a thread may go elsewhere after an error too")
  func error() throws {
    let before = try allowed
    #expect(throws: CancellationError.self) {
      try Processor.run(on: .current) { throw CancellationError() }
    }
    #expect(try allowed == before)
  }

  @Test("without a processor, a thread runs where the system puts it")
  func unbound() throws {
    let before = try allowed
    #expect(try Processor.run(on: nil) { try allowed } == before)
    #expect(Processor.count > 0)
  }
}
