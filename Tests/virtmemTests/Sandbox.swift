// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

/// A temporary folder for one test, in which it runs the built program.
final class Sandbox {
  /// The folder.
  let folder: URL

  init() throws {
    folder = FileManager.default.temporaryDirectory.appending(path: "virtmem-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  deinit {
    try? FileManager.default.removeItem(at: folder)
  }

  /// The program, beside the test bundle.
  static let program = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
    .deletingLastPathComponent().appending(path: "virtmem")

  /// Writes a file and returns its path.
  @discardableResult
  func file(_ name: String, _ text: String) throws -> String {
    let url = folder.appending(path: name)
    try FileManager.default.createDirectory(
      at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(text.utf8).write(to: url)
    return url.path
  }

  /// A file's content.
  func text(of name: String) throws -> String {
    String(decoding: try Data(contentsOf: folder.appending(path: name)), as: UTF8.self)
  }

  /// Writes a host for libvirt's test driver and returns its URI.
  func node(_ domains: [TestDomain] = [TestDomain("web")], name: String = "node") throws -> String {
    "test://" + (try file("\(name).xml", "<node>\(domains.map(\.xml).joined())</node>"))
  }

  /// Prepares a run in the folder, with nothing on standard input and libvirt's own defaults.
  func process(_ arguments: [String], _ environment: [String: String] = [:]) throws -> Process {
    let process = Process()
    process.executableURL = Self.program
    process.arguments = arguments
    process.currentDirectoryURL = folder
    process.standardInput = FileHandle.nullDevice
    var variables = ProcessInfo.processInfo.environment
    let unwanted = [
      "LIBVIRT_DEFAULT_URI", "NO_COLOR", "TERM", "XDG_RUNTIME_DIR", "GITHUB_RUN_ID", "CI_JOB_URL",
      "BUILDKITE_BUILD_URL", "CIRCLE_BUILD_URL", "BUILD_URL",
    ]
    for name in unwanted { variables[name] = nil }
    process.environment = variables.merging(environment) { _, given in given }
    try file("out", "")
    try file("err", "")
    process.standardOutput = try FileHandle(forWritingTo: folder.appending(path: "out"))
    process.standardError = try FileHandle(forWritingTo: folder.appending(path: "err"))
    return process
  }

  /// Runs the program to its end.
  func run(
    _ arguments: [String], input: String? = nil, environment: [String: String] = [:]
  ) throws -> Outcome {
    let process = try process(arguments, environment)
    if let input {
      try file("in", input)
      process.standardInput = try FileHandle(forReadingFrom: folder.appending(path: "in"))
    }
    try process.run()
    return try end(of: process)
  }

  /// Runs a command on one manifest, and on one host if there are `domains`.
  func run(
    _ command: String, _ manifest: String, on domains: [TestDomain] = [], _ options: [String] = []
  ) throws -> Outcome {
    let connection = domains.isEmpty ? [] : ["--connect", try node(domains)]
    let approval = command == "apply" ? ["--auto-approve"] : []
    return try run(
      [command, try file("fleet.yaml", manifest)] + connection + approval + options)
  }

  /// Waits for the end of `process`, which is already running.
  func end(of process: Process) throws -> Outcome {
    process.waitUntilExit()
    try #require(process.terminationReason == .exit)
    return Outcome(
      status: process.terminationStatus, output: try text(of: "out"), errors: try text(of: "err"))
  }
}

/// A finished run of the program.
struct Outcome: Sendable {
  var status: Int32
  var output: String
  var errors: String

  /// The document on standard output.
  func document() throws -> JSON {
    try JSONDecoder().decode(JSON.self, from: Data(output.utf8))
  }
}

/// A domain of the test driver with 1 GiB of RAM and a balloon at 512 MiB.
struct TestDomain: Sendable {
  var name: String
  var uuid: String
  /// A value of `virDomainState`.
  var state = 1
  /// More content of `<domain>`.
  var more = ""

  /// A domain whose UUID ends in `number`.
  init(_ name: String, _ number: Int = 1, state: Int = 1, more: String = "") {
    self.name = name
    uuid = Self.uuid(number)
    self.state = state
    self.more = more
  }

  static func uuid(_ number: Int) -> String {
    "6f1d2c1e-4a55-4b7e-9d7a-\(100_000_000_000 + number)"
  }

  static let transient = "<test:transient/>"
  static let balloon = "<devices><memballoon model='virtio'/></devices>"

  var xml: String {
    """
    <domain type='test' xmlns:test='http://libvirt.org/schemas/domain/test/1.0'>
      <name>\(name)</name>
      <uuid>\(uuid)</uuid>
      <memory>1048576</memory>
      <currentMemory>524288</currentMemory>
      <os><type>hvm</type></os>
      <test:runstate>\(state)</test:runstate>
      \(more)
    </domain>
    """
  }
}
