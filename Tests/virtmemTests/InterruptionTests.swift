// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

@Suite struct InterruptionTests {
  /// Waits until `process` handles SIGTERM.
  static func waitUntilReady(_ process: Process) throws {
    for _ in 0..<1000 {
      let status = try String(
        contentsOf: URL(filePath: "/proc/\(process.processIdentifier)/status"), encoding: .utf8)
      let caught = status.split(separator: "\n").first { $0.hasPrefix("SigCgt:") }
      let mask = caught.flatMap { UInt64($0.dropFirst(7).drop { $0 == "\t" }, radix: 16) } ?? 0
      if mask & 1 << UInt64(SIGTERM - 1) != 0 { return }
      usleep(5000)
    }
  }

  @Test(
    "a signal ends a waiting run immediately", arguments: ["plan", "drift", "apply"],
    [SIGINT, SIGTERM])
  func signal(command: String, number: Int32) throws {
    let sandbox = try Sandbox()
    let node = try sandbox.node([TestDomain("web", state: 4)])
    let process = try sandbox.process(
      [command, try sandbox.file("fleet.yaml", Manifest.change), "-c", node]
        + (command == "apply" ? ["--auto-approve"] : []))
    try process.run()
    try Self.waitUntilReady(process)
    kill(process.processIdentifier, number)
    let outcome = try sandbox.end(of: process)
    #expect(outcome.status == 128 + number)
    #expect(outcome.output.isEmpty)
  }

  @Test(
    "a run that only looks says what it waited for, and that nothing was changed",
    arguments: ["plan", "apply"])
  func told(command: String) throws {
    let sandbox = try Sandbox()
    let node = try sandbox.node([TestDomain("web", state: 4)])
    let process = try sandbox.process(
      [command, try sandbox.file("fleet.yaml", Manifest.change), "-c", node]
        + (command == "apply" ? ["--auto-approve"] : []))
    try process.run()
    // The domain is being shut down, so the run waits for as long as --timeout.
    sleep(3)
    kill(process.processIdentifier, SIGINT)
    let outcome = try sandbox.end(of: process)
    #expect(outcome.status == 130)
    #expect(
      outcome.errors.hasSuffix(
        "\nInterrupted while virtmem waited for \(node). Nothing was changed.\n"))
  }

  @Test("an interrupted apply reports the done and the remaining steps")
  func interruptedApply() throws {
    let sandbox = try Sandbox()
    let names = (100..<400).map { "web-\($0)" }
    let manifest = names.map { Manifest.domain($0, "currentMemory: 600MiB") }.joined()
    let node = try sandbox.node(names.enumerated().map { TestDomain($1, $0) })
    let process = try sandbox.process(
      [
        "apply", try sandbox.file("fleet.yaml", manifest), "-c", node, "--auto-approve",
        "--format", "json",
      ])
    try process.run()
    while process.isRunning, try sandbox.text(of: "err").isEmpty { usleep(2000) }
    process.terminate()
    let outcome = try sandbox.end(of: process)
    let document = try outcome.document()
    #expect(outcome.status == 143)
    #expect(outcome.errors.contains("Interrupted: virtmem waits for the call that is under way"))
    #expect(document["summary"]["steps"] == 600)
    let steps = document["domains"].elements.flatMap { $0["steps"].elements }
    let done = steps.count { $0["result"]["status"] == "done" }
    #expect((1..<600).contains(done))
    #expect(steps.count { $0["result"]["status"] == "skipped" } == 600 - done)
    #expect(document["summary"]["done"] == .number(Double(done)))
    #expect(document["domains"][299]["result"]["status"] == "skipped")
    #expect(document["domains"][299]["result"]["observed"] == "change")
  }

  @Test("plan waits for a domain in shutdown until --timeout expires")
  func shutdownTimeout() throws {
    let clock = ContinuousClock()
    let start = clock.now
    let outcome = try Sandbox().run(
      "plan", Manifest.change, on: [TestDomain("web", state: 4)], ["--timeout", "1s"])
    #expect(outcome.status == 3)
    #expect(start.duration(to: clock.now) >= .seconds(1))
  }

  @Test(
    "a closed pipe affects neither a command's work nor its exit status",
    arguments: ["plan", "apply"])
  func closedPipe(command: String) throws {
    let sandbox = try Sandbox()
    let pipe = Pipe()
    let process = try sandbox.process([
      command, try sandbox.file("fleet.yaml", Manifest.change), "-c", try sandbox.node(),
      command == "apply" ? "--auto-approve" : "--detailed-exitcode",
    ])
    process.standardOutput = pipe.fileHandleForWriting
    process.standardError = pipe.fileHandleForWriting
    try pipe.fileHandleForReading.close()
    try process.run()
    #expect(try sandbox.end(of: process).status == (command == "apply" ? 0 : 2))
  }

  @Test("a command fails if it can't write its output")
  func fullDisk() throws {
    let sandbox = try Sandbox()
    let process = try sandbox.process(["explain"])
    process.standardOutput = try FileHandle(forWritingTo: URL(filePath: "/dev/full"))
    try process.run()
    let outcome = try sandbox.end(of: process)
    #expect(outcome.status == 1)
    #expect(outcome.errors.contains("No space left on device"))
  }

  @Test(
    "only --color always colours output that doesn't go to a terminal",
    arguments: [([], false), (["--color", "always"], true), (["--color", "never"], false)])
  func color(options: [String], isColored: Bool) throws {
    let outcome = try Sandbox().run("plan", Manifest.change, on: [TestDomain("web")], options)
    #expect(outcome.output.contains("\u{1B}[") == isColored)
  }
}
