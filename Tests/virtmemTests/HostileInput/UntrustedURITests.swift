// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

/// A URI in a document is data, which must not run a program.
@Suite struct UntrustedURITests {
  /// A program that leaves a mark when it runs.
  private struct Trap {
    let sandbox: Sandbox
    let program: String

    init(then command: String = "", name: String = "trap") throws {
      sandbox = try Sandbox()
      let mark = sandbox.folder.appending(path: "mark").path
      program = try sandbox.file(name, "#!/bin/sh\ntouch '\(mark)'\n\(command)\n")
      try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: program)
    }

    var wasRun: Bool {
      FileManager.default.fileExists(atPath: sandbox.folder.appending(path: "mark").path)
    }

    var uris: [String] {
      [
        "qemu+ext:///system?command=\(program)", "qemu+EXT://h/system?COMMAND=\(program)",
        "qemu+ssh://h/system?command=\(program)", "qemu+SSH://h/system?%63ommand=\(program)",
        "qemu+ssh://h/system?no_tty=1&command=\(program)",
      ]
    }

    /// Runs a command and expects that it refuses the URI and doesn't run the trap.
    func expectRefused(_ arguments: [String], _ uri: String) throws {
      let outcome = try sandbox.run(arguments)
      #expect(outcome.status == 65, "\(arguments): \(outcome.errors)")
      #expect(outcome.errors.contains("(refused-uri)"), "\(arguments): \(outcome.errors)")
      #expect(outcome.output.isEmpty)
      #expect(!wasRun, "\(uri)")
    }
  }

  @Test("the operator's own URI runs its command, which proves that the trap works")
  func operatorURI() throws {
    let trap = try Trap()
    let outcome = try trap.sandbox.run("plan", Manifest.change, on: [], ["-c", trap.uris[0]])
    #expect(outcome.status == 5)
    #expect(trap.wasRun)
  }

  @Test("every command refuses a Host's URI that runs a program")
  func manifests() throws {
    let trap = try Trap()
    let domain = Manifest.domain("web", "memory: 1GiB")
    let good = try trap.sandbox.file("good.yaml", domain)
    for uri in trap.uris {
      let host = try trap.sandbox.file("fleet.yaml", Manifest.host("hv01", uri) + domain)
      let suspended = try trap.sandbox.file(
        "held.yaml", Manifest.host("hv01", uri, "suspend: true"))
      for arguments in [
        ["plan", host], ["drift", host], ["apply", host, "--auto-approve"], ["plan", suspended],
        ["export", "--hosts", host],
        ["observe", "--hosts", host], ["plan", host, "--out", "plan.json"],
      ] {
        try trap.expectRefused(arguments, uri)
      }
      #expect(try trap.sandbox.run(["validate", host]).status == 65)
      let changed = try trap.sandbox.run(["plan", good, "--changed-from", host])
      #expect(changed.errors.contains("(refused-uri)") && !trap.wasRun, "\(uri)")
    }
  }

  @Test("apply, show and plan refuse a saved plan's or snapshot's URI that runs a program")
  func documents() throws {
    let trap = try Trap()
    let sandbox = trap.sandbox
    let node = try sandbox.node()
    let manifest = try sandbox.file("fleet.yaml", Manifest.host("hv01", node) + Manifest.change)
    let plan = sandbox.folder.appending(path: "plan.json").path
    #expect(try sandbox.run(["plan", manifest, "--out", plan]).status == 0)
    let saved = try sandbox.text(of: "plan.json")
    let snapshot = try sandbox.run(["observe", "--hosts", manifest]).output
    for uri in trap.uris {
      let forged = try sandbox.file("forged", saved.replacing(node, with: uri))
      try trap.expectRefused(["apply", "--plan", forged, "--auto-approve"], uri)
      try trap.expectRefused(["show", forged], uri)
      let seen = try sandbox.file("seen.jsonl", snapshot.replacing(node, with: uri))
      try trap.expectRefused(["plan", manifest, "--observed", seen], uri)
    }
  }

  @Test("no command shows a line of a file that libvirt's test driver can't read as XML")
  func quotedFiles() throws {
    let sandbox = try Sandbox()
    let secret = try sandbox.file("secret", "MARK one\nMARK two\n")
    let node = try sandbox.file("node.xml", "<node><domain file='\(secret)'/></node>")
    for file in [secret, node] {
      let host = Manifest.host("hv01", "test://\(file)")
      let fleet = try sandbox.file("fleet.yaml", host + Manifest.change)
      for arguments in [
        ["plan", fleet, "-v"], ["plan", fleet, "--format", "json"],
        ["plan", fleet, "--out", "plan.json"], ["drift", fleet],
        ["apply", fleet, "--auto-approve"], ["export", "--hosts", fleet],
        ["observe", "--hosts", fleet], ["observe", "-c", "test://\(file)"],
      ] {
        let outcome = try sandbox.run(arguments)
        let shown = outcome.output + outcome.errors
        #expect(outcome.status == 5)
        #expect(!shown.contains("MARK"), "\(arguments): \(shown)")
        #expect(shown.contains("\(secret):1: libvirt"), "\(arguments): \(shown)")
      }
      #expect(try !sandbox.text(of: "plan.json").contains("MARK"))
    }
  }

  @Test("a refused URI is shown with its place and without its password")
  func password() throws {
    let sandbox = try Sandbox()
    let manifest = try sandbox.file(
      "fleet.yaml", Manifest.host("hv01", "qemu+ssh://root:geheim@h/system", "reserve: 4G"))
    for arguments in [["plan", manifest], ["validate", manifest, "--format", "json"]] {
      let outcome = try sandbox.run(arguments)
      #expect(outcome.status == 65)
      #expect(!(outcome.output + outcome.errors).contains("geheim"))
    }
    let errors = try sandbox.run(["validate", manifest]).errors
    #expect(
      errors.contains(
        """
        fleet.yaml:5:13: error: the URI holds a password (refused-uri)
          5 | spec: {uri: 'qemu+ssh://root:***@h/system', reserve: 4G}
            |             ^
        """))
    // The second mistake's caret points at its value in spite of the hidden password.
    let lines = errors.split(separator: "\n")
    let line = try #require(lines.lastIndex { $0.contains("'qemu+ssh") })
    let place = try #require(lines[line].range(of: "4G")?.lowerBound)
    let caret = try #require(lines[line + 1].firstIndex(of: "^"))
    #expect(
      lines[line].distance(from: lines[line].startIndex, to: place)
        == lines[line + 1].distance(from: lines[line + 1].startIndex, to: caret))
  }

  @Test("no message repeats a password of the operator's URI, which ssh and libvirt do")
  func operatorPassword() throws {
    let trap = try Trap(then: "echo \"$*: Permission denied\" >&2; exit 1", name: "bin/ssh")
    let sandbox = trap.sandbox
    let fleet = try sandbox.file("fleet.yaml", Manifest.change)
    let path = "\(sandbox.folder.path)/bin:/usr/bin:/bin"
    for uri in [
      "qemu+ssh://root:MARK@h/system", "qemu+ssh://root:MA%52K@h/system",
      "qemu+ssh://u:MARK PW@h/system", "qemu+ssh://u:MA\"RK@h/system",
    ] {
      for (arguments, variables) in [
        (["plan", fleet], ["LIBVIRT_DEFAULT_URI": uri]), (["plan", fleet, "-c", uri], [:]),
        (["plan", fleet, "--format", "json", "-c", uri], [:]), (["observe", "-c", uri], [:]),
      ] as [([String], [String: String])] {
        let outcome = try sandbox.run(
          arguments, environment: variables.merging(["PATH": path]) { first, _ in first })
        let shown = outcome.output + outcome.errors
        #expect(outcome.status == 5)
        #expect(!shown.contains("MA") && !shown.contains("RK"), "\(arguments): \(shown)")
      }
    }
    #expect(trap.wasRun)
  }

  @Test("plans and snapshots omit those parts of the operator's URI that a document may not hold")
  func operatorURIInDocuments() throws {
    let sandbox = try Sandbox()
    let node = try sandbox.node()
    let manifest = try sandbox.file("fleet.yaml", Manifest.change)
    let plan = sandbox.folder.appending(path: "plan.json").path
    let uri = "\(node)?keyfile=/k&no_verify=1"
    #expect(try sandbox.run(["plan", manifest, "-c", uri, "--out", plan]).status == 0)
    let document = try sandbox.run(["show", plan, "--format", "json"]).document()
    #expect(document["hosts"][0]["uri"].text == node)
    #expect(try sandbox.run(["apply", "--plan", plan, "--auto-approve"]).status == 0)
    let snapshot = try sandbox.run(["observe", "-c", uri])
    #expect(!snapshot.output.contains("keyfile"))
    let seen = try sandbox.file("seen.jsonl", snapshot.output)
    #expect(try sandbox.run(["plan", manifest, "--observed", seen]).status == 0)
  }

  @Test("validate refuses a Host called default, which names the connection without Hosts")
  func reservedName() throws {
    let outcome = try Sandbox().run("validate", Manifest.host("default", "test:///default"))
    #expect(outcome.status == 65)
    #expect(outcome.errors.contains("a Host can't be called default"))
  }
}
