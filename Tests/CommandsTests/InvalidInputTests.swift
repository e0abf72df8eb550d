// SPDX-License-Identifier: Apache-2.0

import Foundation
import MemoryModel
import TestSupport
import Testing

@testable import Commands

/// What is written where a command ends with 64 or 65.
@Suite("invalid input in process") struct InvalidInputTests {
  private static func domain(_ name: String) -> String {
    "<domain type='kvm'><name>\(name)</name><memory>1048576</memory></domain>"
  }

  /// The commands that end with 65 for another input than manifests; `WEB` is a valid manifest.
  private static let runs: [[String]] = [
    ["plan", "WEB", "--live-xml", "NET"], ["drift", "WEB", "--persistent-xml", "OTHER"],
    ["plan", "WEB", "--live-xml", "NONE"], ["plan", "WEB", "--live-xml", "WEB"],
    ["plan", "WEB", "--observed", "WEB"], ["drift", "WEB", "--observed", "NONE"],
    ["apply", "--plan", "WEB"], ["apply", "--plan", "NET"], ["show", "NET"], ["show", "WEB"],
    ["validate", "NET"],
  ]

  private static func arguments(_ words: [String], in scene: Scene) throws -> [String] {
    let files = [
      "WEB": try scene.file("web.yaml", Manifest.inSync),
      "NET": try scene.file("net.xml", "<network><name>web</name></network>"),
      "OTHER": try scene.file("other.xml", domain("other")), "NONE": scene.path("none"),
    ]
    return words.map { files[$0] ?? $0 }
  }

  @Test("every 65 has the diagnostics as its document, and as its reports", arguments: runs)
  func documents(words: [String]) async throws {
    let scene = try Scene(.web)
    let arguments = try Self.arguments(words, in: scene)
    let outcome = await scene.run(
      with: arguments + ["--format", "json", "--report", "json=\(scene.path("report"))"])
    #expect(outcome.status == 65)
    let document = try outcome.document()
    #expect(document["format"] == "virtmem/diagnostics/v1alpha1")
    #expect(document["diagnostics"].elements.count == 1)
    #expect(document["diagnostics"][0]["remedy"].text != "")
    #expect(try scene.text(of: "report") == outcome.output)
    // The diagnostics are what validate is for.
    #expect(outcome.errors.contains("error: ") == (words[0] != "validate"))
  }

  @Test("--out gets the diagnostics too, with the place")
  func out() async throws {
    let scene = try Scene(.web)
    let arguments = try Self.arguments(["plan", "WEB", "--live-xml", "NET"], in: scene)
    let outcome = await scene.run(with: arguments + ["--out", scene.path("plan.json")])
    #expect(outcome.status == 65 && outcome.output.isEmpty)
    #expect(outcome.errors.hasPrefix("\(scene.path("net.xml")):1:1: error: "))
    let document = try JSONDecoder().decode(
      JSON.self, from: Data(try scene.text(of: "plan.json").utf8))
    #expect(document["diagnostics"][0]["source"]["file"].text == scene.path("net.xml"))
  }

  @Test(
    "with definitions from files, a selection that leaves nothing is a usage error, and writes nothing",
    arguments: [
      ["--domain", "wbe"], ["--domain", "db"], ["-l", "app=db"], ["-l", "app=nix"],
    ])
  func selection(options: [String]) async throws {
    let scene = try Scene(.web)
    let manifest = try scene.manifest(
      Manifest.domain("web", "memory: 1GiB")
        + Manifest.domain("db", "memory: 1GiB", labels: "app: db"))
    let xml = try scene.file("web.xml", Self.domain("web"))
    let outcome = await scene.run(
      "plan", manifest, "--persistent-xml", xml, "--out", scene.path("plan"), with: options)
    #expect(outcome.status == 64 && outcome.output.isEmpty)
    #expect(outcome.errors.contains("'web'") || options.last == "app=nix")
    #expect(!FileManager.default.fileExists(atPath: scene.path("plan")))
  }

  @Test("a domain that no manifest declares stays 65, whatever is selected")
  func undeclared() async throws {
    let scene = try Scene(.web)
    let xml = try scene.file("web.xml", Self.domain("other"))
    let manifest = try scene.manifest(Manifest.inSync)
    let outcome = await scene.run("plan", manifest, "--persistent-xml", xml, "--domain", "web")
    #expect(outcome.status == 65)
    #expect(outcome.errors.contains("(invalid-input)"))
  }

  @Test(
    "a report whose folder is missing is found before the first connection",
    arguments: [["--out", "no/plan"], ["--report", "json=no/plan"]])
  func noFolder(options: [String]) async throws {
    let scene = try Scene(.web)
    let outcome = await scene.run(
      "plan", try scene.manifest(Manifest.inSync), "-c", "test:///far", with: options)
    #expect(outcome.status == 64)
    #expect(outcome.errors.contains("can't write no/plan") && !outcome.errors.contains("far"))
  }
}
