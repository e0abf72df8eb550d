// SPDX-License-Identifier: Apache-2.0
import Foundation
import MemoryModel
import Testing

extension LabTests {
  /// A host that another process fills between plan and apply.
  @Suite struct ReserveTests {
    private let lab: Lab

    init() throws { lab = try Lab.shared.get() }

    @Test("an apply sends nothing that takes memory which another process has taken since the plan")
    func filledUp() throws {
      let guest = try Guest("reserve", in: lab)
      try guest.boot()
      let small = try guest.virtmem(
        "apply", "currentMemory: 176MiB, policy: {shrink: allow}", "--timeout", "60s")
      #expect(small.status == 0, "\(small)")
      // Other programs of this machine come and go, so the margins are wide.
      let reserve = try availableMebibytes() - 1024
      let manifest = try lab.file(
        "reserve.yaml",
        """
        apiVersion: virtmem.io/v1alpha1
        kind: Host
        metadata: {name: lab}
        spec: {uri: "\(lab.uri)", reserve: {memory: \(reserve)MiB}}
        \(guest.document("host: lab, currentMemory: 240MiB"))
        """)
      let plan = "\(lab.state)/reserve-plan.json"
      let planned = try Command.run([Command.virtmem, "plan", manifest, "--out", plan])
      #expect(planned.status == 0, "\(planned)")

      let taker = try Taker(mebibytes: 2048)
      try eventually("the memory is taken", within: .seconds(60)) {
        try availableMebibytes() < reserve
      }
      let refused = try Command.run([Command.virtmem, "apply", "--plan", plan, "--auto-approve"])
      #expect(refused.status == 1, "\(refused)")
      #expect(refused.output.contains("(reserve-reached)"), "\(refused)")
      #expect(refused.output.contains("The step would take 64 MiB."), "\(refused)")
      #expect(try guest.kibibytes("currentMemory", .live) == 176 << 10)
      #expect(try guest.kibibytes("currentMemory", .persistent) == 176 << 10)

      taker.end()
      try eventually("the memory is given back", within: .seconds(60)) {
        try availableMebibytes() > reserve + 256
      }
      let applied = try Command.run([Command.virtmem, "apply", "--plan", plan, "--auto-approve"])
      #expect(applied.status == 0, "\(applied)")
      #expect(try guest.kibibytes("currentMemory", .live) == 240 << 10)
    }

    /// The host's available memory as virtmem computes it, without the RAM of shared guests.
    private func availableMebibytes() throws -> Int {
      let text = try lab.virsh("nodememstats")
      func figure(_ name: String) -> Int? {
        text.split(separator: "\n").first { $0.hasPrefix(name) }
          .flatMap { $0.split(whereSeparator: { ": ".contains($0) }).dropFirst().first }
          .flatMap { Int($0) }
      }
      if let available = figure("available") { return available >> 10 }
      let free = try #require(figure("free"))
      return (free + (figure("buffers") ?? 0) + (figure("cached") ?? 0)) >> 10
    }
  }
}

/// A process that holds memory until it is ended.
private final class Taker {
  private let process = Process()
  private let input = Pipe()

  init(mebibytes: Int) throws {
    process.executableURL = URL(filePath: "/usr/bin/tail")
    (process.standardInput, process.standardOutput) = (input, FileHandle.nullDevice)
    try process.run()
    // `tail` keeps the whole of a line that does not end.
    let block = Data(count: 1 << 20)
    for _ in 0..<mebibytes { try input.fileHandleForWriting.write(contentsOf: block) }
  }

  func end() {
    // A child of a test inherits its blocked signals, of which this one is none.
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
  }

  deinit { end() }
}
