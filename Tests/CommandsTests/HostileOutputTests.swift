// SPDX-License-Identifier: Apache-2.0

import Foundation
import MemoryModel
import TestSupport
import Testing

@testable import Commands

/// No command prints what its readers take for a command, in any format, whatever the hosts, the
/// manifests, the environment and the arguments hold.
@Suite struct HostileOutputTests {
  /// A scene of hostile text, and the commands to run in it.
  private struct HostileScene {
    let scene: Scene
    let manifest: String
    private var generator: SeededGenerator

    init(seed: UInt64) throws {
      var generator = SeededGenerator(seed: seed)
      var faults = SimulatedHypervisor.Faults()
      faults.failing[1] = HypervisorError(
        .refused, call: "virDomainSetMemoryFlags",
        message: ReaderGrammar.hostileText(using: &generator))
      let names = (0..<3).map { _ in Self.name(using: &generator) }
      let scene = try Scene(.running(names[0]), .running(names[1]), faults: faults)
      for name in ["GITHUB_SERVER_URL", "GITHUB_REPOSITORY", "GITHUB_RUN_ID", "GITHUB_SHA"] {
        scene.variables[name] = ReaderGrammar.hostileText(using: &generator)
      }
      scene.variables["GITHUB_ACTIONS"] = "true"
      let spec = [
        "currentMemory: 600MiB",
        "devices: {p: {model: nvdimm, size: 1GiB, path: \(try Self.json(names[2])), node: 0}}",
        "memory: 1GiB",
      ]
      let domains = try zip(names, spec).map { name, spec in
        """
        ---
        apiVersion: virtmem.io/v1alpha1
        kind: Domain
        metadata: {name: \(try Self.json(name)), labels: {\(try Self.json(name)): a}}
        spec: {\(spec)}

        """
      }
      manifest = try scene.file(
        names[2] + ".yaml", domains.joined())
      self.scene = scene
      self.generator = generator
    }

    /// A name that manifests and libvirt accept: no control characters, no line breaks.
    private static func name(using generator: inout SeededGenerator) -> String {
      let scalars = ReaderGrammar.hostileText(using: &generator).unicodeScalars.filter {
        $0.properties.generalCategory != .control && !$0.properties.isPatternWhitespace
          && ![.lineSeparator, .paragraphSeparator].contains($0.properties.generalCategory)
      }
      return String(String.UnicodeScalarView(scalars.filter { $0 != "/" }))
        + "-\(UInt32.random(in: 0 ... .max, using: &generator))"
    }

    private static func json(_ text: String) throws -> String {
      String(decoding: try JSONEncoder().encode(text), as: UTF8.self)
    }

    mutating func text() -> String { ReaderGrammar.hostileText(using: &generator) }

    /// Every command on the scene's manifest; `plan` and `apply` leave documents for `show`.
    mutating func commands(_ format: Format) -> [[String]] {
      let options = ["--format", format.rawValue]
      let (plan, audit) = (scene.path("plan"), scene.path("audit"))
      return [
        ["validate", manifest] + options, ["plan", manifest, "--out", plan, "-v"] + options,
        ["show", plan] + options, ["show", plan, "-v", "--color", "always"] + options,
        ["drift", manifest, "-v"] + options, ["plan", manifest, "--domain", text()] + options,
        ["plan", manifest, "--note", text()] + options, ["plan", manifest, "-l", text()] + options,
        ["plan", manifest, "--changed-from", text()] + options, ["plan", text()] + options,
        ["plan", manifest, "-c", text()] + options,
        ["apply", "--plan", plan, "--auto-approve", "--audit", audit] + options,
        ["apply", manifest, "--auto-approve", "--audit", scene.path(text())] + options,
      ] + (format == .human ? commandsWithoutFormat() : [])
    }

    /// Commands whose output is the same in all formats.
    private mutating func commandsWithoutFormat() -> [[String]] {
      [
        ["plan", manifest, "--out", scene.path(text())],
        ["export"], ["observe"], ["export", "--fields", text()], ["explain", text()], [text()],
        ["plan", manifest, text()], ["--\(text())"], ["plan", manifest, "--timeout", text()],
      ]
    }
  }

  /// The text without the commands that virtmem means to give, one at the start of a line.
  private static func withoutAnnotations(_ text: String) -> String {
    text.replacing(/(?m)^::(error|warning|notice) [^:\n]*::/, with: "")
  }

  @Test("no command prints a hostile text unescaped, in any format", arguments: 1...4)
  func harmless(seed: UInt64) async throws {
    for format in Format.allCases {
      var hostile = try HostileScene(seed: seed)
      hostile.scene.isTerminal = seed.isMultiple(of: 2)
      for command in hostile.commands(format) {
        let outcome = await hostile.scene.run(with: command)
        // On a terminal, progress writes its own line anew.
        let errors = outcome.errors.replacing("\r\u{1B}[K", with: "").replacing("\r[", with: "[")
        let output = format == .github ? Self.withoutAnnotations(outcome.output) : outcome.output
        for text in [output, errors] {
          #expect(ReaderGrammar.commands(in: text) == [], "seed \(seed): \(command)")
        }
      }
      for file in ["plan", "audit"] {
        let text = try hostile.scene.text(of: file)
        #expect(ReaderGrammar.commands(in: text) == [], "seed \(seed): \(file)")
      }
    }
  }
}
