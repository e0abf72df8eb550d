// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import MemoryModel
import Platform
import Synchronization
import TestSupport

@testable import Commands

/// Simulated hosts, a folder of files and a user, among which a test runs whole commands in its
/// own process.
final class Scene {
  /// The URI as which libvirt resolves its default.
  static let defaultURI = "qemu:///system"

  /// The hosts by their URIs; one with an empty URI is libvirt's default.
  var hosts: [String: SimulatedHypervisor] = [:]
  /// The errors of connections that fail, by their URIs; an empty URI is libvirt's default.
  var refusals: [String: HypervisorError] = [:]
  /// Whether the streams are the user's terminal.
  var isTerminal = false
  /// Whether standard output is a file, also where there is a terminal.
  var isRedirected = false
  /// The width of the terminal in columns; nil for a terminal that tells none.
  var width: Int?
  /// What the user answers on the terminal; nil for the end of the input.
  var answer: String?
  var variables: [String: String] = [:]
  /// The signal that arrives while `apply` performs steps.
  var signal: Int32?
  /// How long `apply` has waited on the scene's clock when the signal arrives.
  var signalDelay = Duration.zero
  /// Why standard output loses data.
  var loss: String?
  var timestamp = "2026-11-28T12:00:00Z"
  /// The folder for locks; nil for a machine without one.
  var lockFolder: String?
  let clock = TestClock()
  /// What runs said that they wait for.
  let announcements = Announcements()
  private let parser: CommandParser
  private let folder: URL

  /// Makes a scene whose default host has `domains`.
  init(
    _ domains: ObservedDomain..., faults: SimulatedHypervisor.Faults = SimulatedHypervisor.Faults(),
    parser: CommandParser = CommandParser()
  ) throws {
    self.parser = parser
    folder = FileManager.default.temporaryDirectory.appending(path: "virtmem-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    hosts[""] = SimulatedHypervisor(Self.host(domains), faults: faults)
  }

  deinit {
    try? FileManager.default.removeItem(at: folder)
  }

  /// Runs a command to its end.
  func run(_ arguments: String..., with more: [String] = []) async -> Outcome {
    let both = RecordedStream(isTerminal: isTerminal)
    let (output, error) = (
      RecordedStream(
        isTerminal: isTerminal && !isRedirected, width: width, failure: loss, copy: both),
      RecordedStream(isTerminal: isTerminal, width: width, copy: both)
    )
    let environment = environment(output, error)
    let status = await withTaskExecutorPreference(OrderedExecutor()) {
      await Virtmem.run(arguments + more, in: environment, parse: parser.command(of:))
    }
    return Outcome(status: status, output: output.text, errors: error.text, both: both.text)
  }

  /// The environment of a run with these streams.
  func environment(_ output: RecordedStream, _ error: RecordedStream) -> Environment {
    let (hosts, refusals, variables) = (hosts, refusals, variables)
    let (signalDelay, clock) = (signalDelay, clock)
    let (signal, timestamp, areDeferred, locks) = (signal, timestamp, Flag(), lockFolder)
    return Environment(
      connect: { request async throws(HypervisorError) in
        let uri = request.uri == Self.defaultURI ? nil : request.uri
        if let refusal = refusals[uri ?? ""] { throw refusal }
        guard let host = hosts[uri ?? ""] else {
          throw HypervisorError(.connection, call: "virConnectOpenAuth", message: "no such host")
        }
        return host
      },
      output: output, error: error,
      terminal: isTerminal ? SimulatedTerminal(screen: error, answer: answer) : nil,
      variable: { variables[$0] }, deferSignals: { areDeferred.raise() },
      deferredSignal: { areDeferred.isRaised && clock.now >= signalDelay ? signal : nil },
      timestamp: { timestamp },
      clock: clock,
      lockFolder: { .success(locks) },
      runner: Runner(user: "alice", processID: 4711, runID: "00112233445566778899aabbccddeeff"),
      libvirtVersion: { Version(9, 0, 0) },
      announceWait: { [announcements] in announcements.add($0) })
  }

  /// The path of a file in the folder.
  func path(_ name: String) -> String { folder.appending(path: name).path }

  /// Writes a file and returns its path.
  func file(_ name: String, _ text: String) throws -> String {
    let url = folder.appending(path: name)
    try FileManager.default.createDirectory(
      at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(text.utf8).write(to: url)
    return path(name)
  }

  /// Writes a manifest and returns its path.
  func manifest(_ text: String) throws -> String { try file("fleet.yaml", text) }

  /// The text of a file in the folder.
  func text(of name: String) throws -> String {
    String(decoding: try Data(contentsOf: folder.appending(path: name)), as: UTF8.self)
  }

  /// A QEMU host with `domains`.
  static func host(_ domains: [ObservedDomain], uuid: String = "host") -> ObservedHost {
    ObservedHost(
      uuid: uuid, uri: defaultURI, driver: .qemu, libvirt: Version(9, 0, 0),
      hypervisor: HypervisorRelease("QEMU 7.2.22"), domains: domains)
  }
}

/// Parses each command line only once, because that is most of the time that a run takes in a
/// debug build.
final class CommandParser {
  private var commands: [[String]: any ParsableCommand] = [:]

  func command(of arguments: [String]) throws -> any ParsableCommand {
    if let command = commands[arguments] { return command }
    let command = try Virtmem.parsed(arguments)
    commands[arguments] = command
    return command
  }
}

extension ObservedDomain {
  /// A running domain with 1 GiB of RAM, of which the balloon leaves 512 MiB.
  static let web = running("web")

  /// A running domain with 1 GiB of RAM, of which the balloon leaves `current`.
  static func running(_ name: String, current: MemorySize = .mebibytes(512)) -> ObservedDomain {
    var definition = MemoryConfiguration()
    definition.memory = .gibibytes(1)
    definition.currentMemory = .exactly(current)
    return ObservedDomain(
      name: name, uuid: "6f1d2c1e-4a55-4b7e-9d7a-100000000001", state: .running, isActive: true,
      isPersistent: true, live: definition, persistent: definition)
  }
}

/// The result of a run.
struct Outcome: Sendable {
  var status: Int32
  var output: String
  var errors: String
  /// Both streams in the order in which the run wrote to them, and what the user typed.
  var both = ""

  /// What is on standard output without the command that goes on.
  var outputWithoutNext: String { output.replacing(/Next: .*\n$/, with: "") }

  /// The document on standard output.
  func document() throws -> JSON {
    try JSONDecoder().decode(JSON.self, from: Data(output.utf8))
  }
}

/// A stream that keeps what a command writes, and writes it to a second stream too.
final class RecordedStream: CommandStream {
  let isTerminal: Bool
  let width: Int?
  let failure: String?
  let copy: RecordedStream?
  private let bytes = Mutex<[UInt8]>([])

  init(
    isTerminal: Bool, width: Int? = nil, failure: String? = nil, copy: RecordedStream? = nil
  ) {
    self.copy = copy
    self.isTerminal = isTerminal
    self.width = isTerminal ? width : nil
    self.failure = failure
  }

  var text: String { String(decoding: bytes.withLock(\.self), as: UTF8.self) }

  func write(_ text: ShownText) { write(document: Array(text.description.utf8)) }

  func write(document: [UInt8]) {
    bytes.withLock { $0 += document }
    copy?.write(document: document)
  }
}

/// A terminal that shows what a command writes on `screen` and whose user answers every question.
private struct SimulatedTerminal: UserTerminal {
  let screen: RecordedStream
  let answer: String?

  var width: Int? { screen.width }

  func write(_ text: ShownText) { screen.write(text) }

  func readLine() -> String? {
    if let answer { screen.copy?.write("\(answer)\n") }
    return answer
  }
}

/// The waits that a run announces, so that a signal can tell them.
final class Announcements: Sendable {
  private let texts = Mutex<[String?]>([])

  var all: [String?] { texts.withLock(\.self) }

  func add(_ text: ShownText?) { texts.withLock { $0.append(text?.description) } }
}

/// A flag that a run raises once.
private final class Flag: Sendable {
  private let raised = Atomic(false)

  var isRaised: Bool { raised.load(ordering: .sequentiallyConsistent) }

  func raise() { raised.store(true, ordering: .sequentiallyConsistent) }
}
