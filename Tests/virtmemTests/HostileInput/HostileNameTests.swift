// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

/// No output of the program contains commands for its reader: a terminal, or a pipeline's log.
@Suite struct HostileNameTests {
  /// Names that both manifests and libvirt accept.
  static let names = [
    "::error file=a::pwn", "  ::warning::x", "\u{A0}::stop-commands::x", "a ##[error]b",
    "##vso[task.complete]", "a\u{202E}b\u{2066}", "a\u{2028}::error::b", "x`|*_é家", "-l", "%2e",
    "\u{180E}\u{600}\u{E000}b\u{1D173}\u{E0041}",
  ]

  /// Names that libvirt accepts and manifests don't.
  static let foreign = ["&#x9b;31mred", "a&#x85;::error::b", "&lt;b&gt;", "a\tb"]

  private func expectHarmless(_ outcome: Outcome, _ claim: String) {
    #expect(ReaderGrammar.commands(in: outcome.output) == [], "\(claim)")
    #expect(ReaderGrammar.commands(in: outcome.errors) == [], "\(claim)")
  }

  private func json(_ text: String) throws -> String {
    String(decoding: try JSONEncoder().encode(text), as: UTF8.self).replacing("\\/", with: "/")
      .replacing("\u{2028}", with: "\\u2028")
  }

  /// A Host and a Domain called `name`, with labels, a path, a blocking rule and a warning one.
  private func manifest(_ name: String, on uri: String) throws -> String {
    let name = try json(name)
    return """
      ---
      apiVersion: virtmem.io/v1alpha1
      kind: Host
      metadata: {name: \(name), labels: {a: \(name)}}
      spec: {uri: "\(uri)", reserve: {memory: 1KiB}}
      ---
      apiVersion: virtmem.io/v1alpha1
      kind: Domain
      metadata: {name: \(name), labels: {\(name): \(name)}}
      spec:
        host: \(name)
        currentMemory: 600MiB
        devices: {p: {model: nvdimm, size: 1GiB, path: \(name), node: 0}}

      """
  }

  @Test(
    "no command prints a hostile name of a domain, host, label or file unescaped", arguments: names)
  func hostileNames(name: String) throws {
    let sandbox = try Sandbox()
    let uri = try sandbox.node([TestDomain(name.replacing("\u{2028}", with: "&#x2028;"))])
    let folder = name.replacing("/", with: "")
    let file = try sandbox.file("\(folder)/\(folder).yaml", try manifest(name, on: uri))
    let plan = sandbox.folder.appending(path: "\(folder).json").path
    let snapshot = try sandbox.run(["observe", "--hosts", file])
    expectHarmless(snapshot, "observe")
    let seen = try sandbox.file("\(folder).jsonl", snapshot.output)
    let runs = [
      ["validate", file], ["validate", file, "--format", "json"], ["plan", file],
      ["plan", file, "-v", "--out", plan], ["plan", file, "--format", "json"],
      ["show", plan], ["show", plan, "-v"], ["show", plan, "--format", "json"],
      ["drift", file, "-v"], ["drift", file, "--format", "json"],
      ["plan", file, "-v", "--observed", seen], ["plan", file, "--domain", name],
      ["plan", file, "-l", name], ["plan", file, "--changed-from", file], ["plan", name, folder],
      ["export", "--hosts", file], ["export", "--hosts", file, "--out", folder + "/out"],
      ["export", "--hosts", file, name], ["export", "--fields", name], ["explain", name],
      ["observe", "--hosts", file, name + "x"], ["plan", file, "--persistent-xml", name],
      ["apply", "--plan", plan, "--auto-approve", "--format", "json"],
      ["apply", file, "--auto-approve"], ["apply", "--plan", plan, "--auto-approve"],
      ["apply", file, "--auto-approve", "-q"], [name], ["plan", file, name],
    ]
    for arguments in runs { expectHarmless(try sandbox.run(arguments), "\(arguments)") }
    expectHarmless(try sandbox.run(["plan", file, "-v", "--color", "always"]), "colour")
    // Escaping changes the output only: the document still holds the same name.
    let document = try sandbox.run(["plan", file, "--format", "json"]).document()
    #expect(document["domains"][0]["name"].text == name)
    let exported = try sandbox.run(["export", "--hosts", file]).output
    let again = try sandbox.file(
      "again.yaml",
      Manifest.host("h", uri) + "---\n" + exported.replacing(/host: .*/, with: "host: h"))
    #expect(
      try sandbox.run(["plan", again, "--format", "json"]).document()["summary"]["steps"] == 0)
  }

  @Test("no command prints a hostile name from libvirt unescaped", arguments: foreign)
  func foreignNames(name: String) throws {
    let sandbox = try Sandbox()
    let uri = try sandbox.node([TestDomain(name)])
    for arguments in [
      ["export", "-c", uri], ["export", "-c", uri, "--out", "out"], ["observe", "-c", uri],
    ] {
      expectHarmless(try sandbox.run(arguments), "\(arguments)")
    }
    let manifest = try sandbox.file("fleet.yaml", Manifest.domain("web", "memory: 1GiB"))
    let definition = try sandbox.file("d.xml", TestDomain(name).xml)
    expectHarmless(
      try sandbox.run(["plan", manifest, "--persistent-xml", definition]), "definition")
    #expect(try sandbox.run(["export", "-c", uri]).status == 3)
  }

  @Test("no mistake prints a hostile line, path or value unescaped")
  func mistakes() throws {
    let sandbox = try Sandbox()
    for text in Self.names + ["a\u{9B}b", "\u{1B}[2J", "a\r::error::b", "\u{0}", "\t::x", "a\n::x"]
    {
      for manifest in [
        "::error::\(text): 1\n", "kind: \(text)\n", Manifest.domain("\(text): 8G, '\(text)': 8G"),
        "- \(text)\n##[error]x: [", Manifest.domain("a", "memory: '\(text)'", labels: "\(text): 1"),
        Manifest.host("h", text),
      ] {
        let file = try sandbox.file("::error::x\n##[a].yaml", manifest)
        for arguments in [
          ["validate", file], ["validate", file, "--format", "json"], ["plan", file],
        ] {
          expectHarmless(try sandbox.run(arguments), "\(arguments[0]) \(manifest.debugDescription)")
        }
      }
    }
  }

  @Test("validate refuses control characters and angle brackets in names, labels and paths")
  func refused() throws {
    let sandbox = try Sandbox()
    for text in [#""a\nb""#, #""a\u009bb""#, #""a\u2028b\0""#, "a<b", "b>"] {
      for manifest in [
        "metadata: {name: \(text)}\nspec: {}",
        "metadata: {name: a, labels: {a: \(text)}}\nspec: {}",
        "metadata: {name: a}\nspec: {name: \(text)}", "metadata: {name: a}\nspec: {host: \(text)}",
        "metadata: {name: a}\nspec: {devices: {p: {model: nvdimm, size: 1GiB, path: \(text)}}}",
      ] {
        let document = "apiVersion: virtmem.io/v1alpha1\nkind: Domain\n\(manifest)\n"
        let outcome = try sandbox.run("validate", document)
        #expect(outcome.status == 65, "\(document)")
        #expect(outcome.errors.contains("(invalid-value)"), "\(document)")
      }
    }
    let annotated = "metadata: {name: a, annotations: {note: '<b>'}}\nspec: {}"
    let document = "apiVersion: virtmem.io/v1alpha1\nkind: Domain\n\(annotated)\n"
    #expect(try sandbox.run("validate", document).status == 0)
  }
}
