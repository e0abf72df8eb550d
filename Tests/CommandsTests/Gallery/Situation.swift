// SPDX-License-Identifier: Apache-2.0

import Foundation
import MemoryModel
import TestSupport
import Testing

/// A situation in which a person runs virtmem; a page in Tests/Gallery shows what they see of it.
struct Situation: Sendable, CustomTestStringConvertible {
  /// The name of the page.
  let name: String
  private let play: @Sendable (Stage) async throws -> Void

  /// Makes a situation; `play` sets up a stage and runs commands on it.
  init(_ name: String, _ play: @escaping @Sendable (Stage) async throws -> Void) {
    self.name = name
    self.play = play
  }

  /// Every situation of the gallery.
  static let all =
    plans + blocked + remedies + hosts + drifts + applies + mistakes + offline + words

  var testDescription: String { name }

  /// Plays the situation on a terminal of this width.
  func played(width: Int, parser: CommandParser) async throws -> Stage {
    let folder = FileManager.default.currentDirectoryPath
    defer { _ = FileManager.default.changeCurrentDirectoryPath(folder) }
    let stage = try Stage(width: width, parser: parser)
    try await play(stage)
    return stage
  }

  // MARK: - The pages

  private static let folder = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "Gallery")

  /// The names of the files in the gallery's folder.
  static func files() throws -> Set<String> {
    Set(try FileManager.default.contentsOfDirectory(atPath: folder.path))
  }

  /// The recorded page; nil if there is none.
  var recorded: String? {
    (try? Data(contentsOf: file)).map { String(decoding: $0, as: UTF8.self) }
  }

  /// Replaces the recorded page.
  func record(_ page: String) throws {
    try Data(page.utf8).write(to: file)
  }

  private var file: URL { Self.folder.appending(path: "\(name).txt") }
}

/// A terminal without colour, on which a person runs commands in a folder of their own.
///
/// The folder is the process's working directory, so that pages hold no temporary paths.
final class Stage {
  let scene: Scene
  /// Options that each command gets besides those of its line.
  var options: [String] = []
  /// The commands so far, with what they showed and their exit status.
  private(set) var page = ""
  /// The lines that a terminal got, without the commands that the person typed.
  private(set) var terminalLines: [Substring] = []

  init(width: Int, parser: CommandParser) throws {
    scene = try Scene(parser: parser)
    scene.isTerminal = true
    scene.width = width
    scene.variables["NO_COLOR"] = "1"
    try #require(FileManager.default.changeCurrentDirectoryPath(scene.path("")))
  }

  /// Writes a file with manifests.
  func write(_ name: String, _ manifests: String...) throws {
    _ = try scene.file(name, manifests.joined(separator: "---\n"))
  }

  /// Puts domains on the host of libvirt's default connection.
  func host(
    _ domains: ObservedDomain..., faults: SimulatedHypervisor.Faults = .init()
  ) {
    scene.hosts[""] = SimulatedHypervisor(Scene.host(domains), faults: faults)
  }

  /// Puts domains on the host that `uri` leads to.
  func host(_ uri: String, _ domains: [ObservedDomain]) {
    var host = Scene.host(domains, uuid: uri)
    host.uri = uri
    scene.hosts[uri] = SimulatedHypervisor(host)
  }

  /// Runs the command `virtmem` with the words of `line`.
  func run(_ line: String) async {
    let outcome = await scene.run(with: line.split(separator: " ").map(String.init))
    let screen = Self.screen(outcome.both)
    page += "$ virtmem \(line)\n\(screen)exit status \(outcome.status)\n"
    if scene.isTerminal { terminalLines += screen.split(separator: "\n") }
  }

  /// What stays on a terminal: a carriage return begins the line anew.
  static func screen(_ text: String) -> String {
    let lines = text.replacing("\r\u{1B}[K", with: "\r")
      .split(separator: "\n", omittingEmptySubsequences: false)
    return lines.map { $0.split(separator: "\r", omittingEmptySubsequences: false).last ?? "" }
      .joined(separator: "\n")
  }
}
