// SPDX-License-Identifier: Apache-2.0

import Foundation
import MemoryModel
import TestSupport
import Testing

@testable import Commands

/// A run on a small mixed fleet, of which Tests/Reports has each form of report.
struct ReportScene: Sendable, CustomTestStringConvertible {
  let name: String
  private let play: @Sendable (Stage) async throws -> Outcome

  /// Makes a scene; `play` sets up a stage and runs one command on it.
  init(name: String, _ play: @escaping @Sendable (Stage) async throws -> Outcome) {
    self.name = name
    self.play = play
  }

  var testDescription: String { name }

  /// Plays the run in a folder of its own and returns what it printed.
  func played(_ format: Format, before: (Stage) throws -> Void = { _ in }) async throws -> Outcome {
    let folder = FileManager.default.currentDirectoryPath
    defer { _ = FileManager.default.changeCurrentDirectoryPath(folder) }
    let stage = try Stage(width: 80, parser: CommandParser())
    (stage.scene.isTerminal, stage.scene.width) = (false, nil)
    // The folder is a work tree, so paths are relative to it.
    try FileManager.default.createDirectory(
      atPath: stage.scene.path(".git"), withIntermediateDirectories: true)
    try before(stage)
    stage.options = ["--format", format.rawValue]
    return try await play(stage)
  }

  static let all = [plan, drift, apply, mistakes]

  static let plan = ReportScene(name: "plan") { stage in
    try stage.mixedFleet()
    return await stage.runs("plan", "fleet", "--changed-from", "old.yaml")
  }

  static let drift = ReportScene(name: "drift") { stage in
    try stage.mixedFleet()
    return await stage.runs("drift", "fleet")
  }

  static let apply = ReportScene(name: "apply") { stage in
    try stage.mixedFleet()
    return await stage.runs("apply", "fleet", "--auto-approve")
  }

  static let mistakes = ReportScene(name: "mistakes") { stage in
    try stage.write(
      "fleet/web.yaml", domain("web-01", "memroy: 8GiB", "currentMemory: 6G"))
    return await stage.runs("plan", "fleet")
  }
}

extension Stage {
  /// Runs a command in the form of the scene.
  func runs(_ arguments: String...) async -> Outcome {
    await scene.run(with: arguments + options)
  }

  /// Two hosts, one of which does not answer, and domains with every verdict.
  func mixedFleet() throws {
    let bounded = ObservedDomain.guest("db-01") {
      $0.maxMemory = MaxMemory(size: .gibibytes(16), slots: Count(4))
    }
    let deaf = ObservedDomain.guest("web-02", holding: .gibibytes(2))
    let domains: [ObservedDomain] = [
      .guest("cache-01"), bounded, .guest("old-01"), .guest("web-01", holding: .gibibytes(2)),
      deaf,
      .guest("web-03").with { $0.persistent?.memory = .gibibytes(12) },
    ]
    var host = Scene.host(domains, uuid: "hv01")
    host.uri = "qemu+tls://hv01/system"
    (host.totalMemory, host.availableMemory) = (.gibibytes(64), .gibibytes(12))
    host.guestMemory = .gibibytes(40)
    host.nodes = [
      HostNode(0, total: .gibibytes(32), free: .gibibytes(5)),
      HostNode(
        1, total: .gibibytes(32), free: .gibibytes(3),
        pools: [
          HugepagePool(size: .mebibytes(2), total: 2048, free: 512),
          HugepagePool(size: .gibibytes(1), total: 2, free: 0),
        ]),
    ]
    var faults = SimulatedHypervisor.Faults()
    faults.unresponsiveGuests = [deaf.uuid]
    scene.hosts["qemu+tls://hv01/system"] = SimulatedHypervisor(host, faults: faults)
    try write(
      "fleet/hosts.yaml", CommandsTests.host("hv01", "qemu+tls://hv01/system"),
      CommandsTests.host("hv02", "qemu+tls://hv02/system"))
    try write(
      "fleet/domains.yaml",
      domain("cache-01", "host: hv01", "currentMemory: 8GiB"),
      domain("db-01", "host: hv01", "memory: 24GiB", "currentMemory: 24GiB"),
      domain("old-01", "host: hv01", "suspend: true", "currentMemory: 4GiB"),
      domain("web-01", "host: hv01", "currentMemory: 6GiB"),
      domain("web-02", "host: hv01", "currentMemory: 6GiB"),
      domain("web-03", "host: hv01", "memory: 12GiB"),
      domain("web-04", "host: hv02", "currentMemory: 6GiB"))
    try write("old.yaml", domain("web-09", "currentMemory: 6GiB"))
  }
}
