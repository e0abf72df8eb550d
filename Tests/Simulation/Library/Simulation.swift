// SPDX-License-Identifier: Apache-2.0

internal import Commands
internal import Documents
internal import Foundation
internal import LibvirtModel
internal import MemoryModel
internal import Planner

internal import TestSupport
internal import YAML

/// A fault of virtmem that a test puts in, to see that the laws notice it.
package enum Mutant: Sendable, CaseIterable {
  /// virtmem learns of no signal.
  case deaf
  /// virtmem looks at a domain once, and then takes the effect of each call for granted.
  case credulous
  /// virtmem believes that hosts have memory without end.
  case spendthrift
}

/// A law that a run broke.
package struct Violation: Sendable, CustomStringConvertible {
  package let seed: UInt64
  package let law: String
  /// The events of the hosts and domains that the law is about.
  package let trace: [String]

  package var description: String {
    """
    seed \(seed) breaks the law: \(law)
    \(trace.joined(separator: "\n"))
    Replay it: make simulation SEED=\(seed)
    """
  }
}

/// Simulates runs by their seeds, one after the other, in a folder of its own.
package final class Simulator {
  private let folder: String
  private var commands: [[String]: ParsedCommand] = [:]

  /// Makes a simulator with an empty folder for manifests, plans and locks.
  package init() throws {
    folder = FileManager.default.temporaryDirectory.appending(path: "virtmem-\(UUID())").path
    try FileManager.default.createDirectory(
      atPath: folder + "/locks", withIntermediateDirectories: true)
  }

  deinit {
    try? FileManager.default.removeItem(atPath: folder)
  }

  /// The laws that the runs of `seed` break, and the trace of all events.
  package func run(
    seed: UInt64, mutant: Mutant? = nil
  ) throws -> (violation: Violation?, trace: [String]) {
    let session = Session(seed: seed, mutant: mutant)
    try Data(session.world.manifest.utf8).write(to: URL(filePath: path("fleet.yaml")))
    var broken: Broken?
    do {
      try disturbedRuns(of: session)
      try calmRuns(of: session)
    } catch let error as Broken {
      broken = error
    }
    let events = session.trace.events
    let violation = broken.map { broken in
      Violation(
        seed: seed, law: broken.law,
        trace: events.enumerated().filter { broken.concerns($0.element) }.map {
          "\($0.offset) \($0.element)"
        })
    }
    return (violation, events.map(\.description))
  }

  private func path(_ name: String) -> String { "\(folder)/\(name)" }

  private func disturbedRuns(of session: Session) throws {
    for _ in 0..<session.faults.choose({ $0.between(1, 2) }) {
      guard session.faults.choose({ $0.oneIn(3) }) else {
        try run(apply(path("fleet.yaml"), in: session), in: session)
        continue
      }
      try? FileManager.default.removeItem(atPath: path("plan.json"))
      let plan = try run(
        ["plan", path("fleet.yaml"), "--out", path("plan.json"), "--quiet"], in: session)
      guard !plan.isDead, FileManager.default.fileExists(atPath: path("plan.json")) else {
        continue
      }
      try run(apply("--plan", path("plan.json"), in: session), in: session)
    }
  }

  private func apply(_ subject: String..., in session: Session) -> [String] {
    ["apply"] + subject
      + ["--auto-approve", "--format", "json", "--quiet", "--parallel", "\(session.width)"]
  }

  /// After everything has calmed down, an apply finds nothing that it can't do, and leaves nothing.
  private func calmRuns(of session: Session) throws {
    session.faults.stop()
    session.scheduler.settle()
    session.world.calm()
    try session.checkUntouched()
    let last = try run(apply(path("fleet.yaml"), in: session), in: session)
    try Law.check(
      [0, 3].contains(last.status), "an undisturbed apply succeeds: \(last.status ?? -1)")
    let plan = try run(["plan", path("fleet.yaml"), "--format", "json", "--quiet"], in: session)
    // The host's memory is not the sum of its guests here, so what had no room may have it now.
    let blocked = try Self.document(last)?.plan.domains.filter { !$0.blockers.isEmpty } ?? []
    let left = try Self.document(plan)?.plan.domains.filter { domain in
      !domain.steps.isEmpty && !blocked.contains { $0.uuid == domain.uuid }
    }
    try Law.check(
      left?.isEmpty == true,
      "after an undisturbed apply nothing is left: "
        + "\(left?.flatMap(\.steps).map { "\($0.id) \($0.reason)" } ?? [])")
    try session.checkUntouched()
  }

  /// Runs a command to its end and checks the laws of one run.
  @discardableResult
  private func run(_ arguments: [String], in session: Session) throws -> Process {
    let command =
      try commands[arguments]
      ?? {
        guard let command = ParsedCommand(arguments) else { throw Broken("the command is parsed") }
        commands[arguments] = command
        return command
      }()
    let first = session.trace.add(.run(arguments.joined(separator: " ")))
    let process = session.begin(command, lockFolder: path("locks"))
    let limit = session.scheduler.now + .seconds(24 * 3600)
    let end = session.scheduler.run(until: limit) { process.isFinished }
    try Law.check(end == .finished, "every run ends: \(end)")
    session.trace.add(
      .run("status \(process.isDead ? "none" : "\(process.status ?? -1)")"))
    guard arguments[0] == "apply" else { return process }
    let events = Array(session.trace.events[first...])
    let run = JudgedRun(
      events: events, first: first, width: session.width,
      status: process.isDead ? nil : process.status,
      document: process.isDead ? nil : try Self.document(process), hosts: session.observedHosts)
    try run.check()
    return process
  }

  private static func document(_ process: Process) throws -> SavedPlan? {
    let bytes = process.output.all
    guard !bytes.isEmpty, !process.isDead else { return nil }
    do throws(InvalidPlan) {
      return try PlanReader.read(YAMLSource(file: "-", bytes: bytes), knowing: [])
    } catch {
      throw Broken("the document can be read: \(error.diagnostic.summary)")
    }
  }
}
