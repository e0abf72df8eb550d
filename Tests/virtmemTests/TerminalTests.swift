// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

/// The user's terminal: the program asks on it, and what the program starts can't.
@Suite struct TerminalTests {
  private let sandbox: Sandbox
  private let terminal: Terminal

  init() throws {
    sandbox = try Sandbox()
    terminal = try Terminal()
  }

  /// How a process gets a terminal.
  enum Start: CaseIterable {
    /// A login without a shell, such as `ssh -t host virtmem …`, or the first process of a container.
    case sessionLeader
    /// A shell starts it.
    case shell
    /// Its standard input is a terminal that does not control it.
    case uncontrolled

    /// The words before the program.
    var words: [String] {
      switch self {
      case .sessionLeader: ["--wait", "--ctty"]
      case .shell: ["--wait", "--ctty", "/bin/sh", "-c", "trap : INT; \"$@\"; exit $?", "sh"]
      case .uncontrolled: ["--wait"]
      }
    }
  }

  @Test(
    "apply changes domains only after the answer yes on the terminal", arguments: Start.allCases,
    ["yes\n", "y\n", "YES\n", "no\n", "\n", "\u{04}"])
  func confirmation(start: Start, answer: String) throws {
    let outcome = try apply(start, typing: answer)
    #expect(outcome.status == (answer == "yes\n" ? 0 : 2))
    let status = try outcome.document()["domains"][0]["result"]["status"]
    #expect(status == (answer == "yes\n" ? "done" : "skipped"))
    #expect(terminal.text.contains("Apply all steps to 1 domain on "))
    terminal.read()
    let refusal = (answer == "\u{04}" ? "\r\n" : "") + "Nothing was done.\r\n"
    #expect(terminal.text.hasSuffix(refusal) == (answer != "yes\n"))
  }

  @Test("apply asks on the terminal while the manifests come from standard input")
  func piped() throws {
    let manifest = try sandbox.file("fleet.yaml", Manifest.domain("web", "currentMemory: 600MiB"))
    let process = try sandbox.process([
      "--wait", "--ctty", "/bin/sh", "-c", "cat \"$0\" | \"$@\"", manifest, Sandbox.program.path,
      "apply", "-", "-c", try sandbox.node(),
    ])
    process.executableURL = URL(filePath: "/usr/bin/setsid")
    process.standardInput = terminal.inside
    try process.run()
    while !terminal.text.contains("Type yes: ") && process.isRunning { terminal.read() }
    try terminal.outside.write(contentsOf: Data("yes\n".utf8))
    #expect(try sandbox.end(of: process).status == 0)
  }

  @Test("Ctrl-C ends the question", arguments: [Start.sessionLeader, .shell])
  func interrupted(start: Start) throws {
    let outcome = try apply(start, typing: "\u{03}")
    #expect(outcome.status == 130)
    #expect(
      outcome.errors.hasSuffix(
        "Interrupted while virtmem waited for an answer. Nothing was changed.\n"))
  }

  @Test(
    "what libvirt starts has no terminal and no program to ask with",
    arguments: [Start.shell, .uncontrolled])
  func noPrompts(start: Start) throws {
    let ssh = try sandbox.file(
      "bin/ssh",
      """
      #!/bin/sh
      { (: </dev/tty) 2>/dev/null && echo a terminal; echo "$SSH_ASKPASS"; } >'\(sandbox.folder.path)/asked'
      """)
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: ssh)
    let process = try process(
      start, ["plan", try sandbox.file("fleet.yaml", Manifest.domain("web", "memory: 1GiB"))],
      [
        "LIBVIRT_DEFAULT_URI": "qemu+ssh://hv01/system", "DISPLAY": ":0",
        "PATH": "\(sandbox.folder.path)/bin:/usr/bin:/bin",
      ])
    try process.run()
    #expect(try sandbox.end(of: process).status == 5)
    #expect(try sandbox.text(of: "asked") == "/bin/false\n")
  }

  @Test("ssh is told to ask nothing also where libvirt's default URI names it")
  func batchMode() throws {
    let ssh = try sandbox.file(
      "bin/ssh", "#!/bin/sh\necho \"$@\" >'\(sandbox.folder.path)/asked'\n")
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: ssh)
    let manifest = try sandbox.file("fleet.yaml", Manifest.inSync)
    let outcome = try sandbox.run(
      ["plan", manifest],
      environment: [
        "LIBVIRT_DEFAULT_URI": "qemu+ssh://hv01/system",
        "PATH": "\(sandbox.folder.path)/bin:/usr/bin:/bin",
      ])
    #expect(outcome.status == 5)
    #expect(try sandbox.text(of: "asked").contains("-o BatchMode=yes"))
  }

  @Test("apply in the background asks nothing and needs --auto-approve")
  func background() throws {
    let manifest = try sandbox.file("fleet.yaml", Manifest.domain("web", "currentMemory: 600MiB"))
    let process = try sandbox.process([
      "--wait", "--ctty", "/bin/bash", "-c", "set -m; \"$@\" & wait $!", "bash",
      Sandbox.program.path, "apply", manifest, "-c", try sandbox.node(),
    ])
    process.executableURL = URL(filePath: "/usr/bin/setsid")
    process.standardInput = terminal.inside
    try process.run()
    let outcome = try sandbox.end(of: process)
    #expect(outcome.status == 64)
    #expect(outcome.errors.contains("There is no terminal to ask on"))
  }

  private func apply(_ start: Start, typing answer: String) throws -> Outcome {
    let manifest = try sandbox.file("fleet.yaml", Manifest.domain("web", "currentMemory: 600MiB"))
    let process = try process(
      start, ["apply", manifest, "-c", try sandbox.node(), "--format", "json"])
    try process.run()
    // The terminal drops what is typed before Ctrl-C, so the test waits for the question.
    while !terminal.text.contains("Type yes: ") && process.isRunning { terminal.read() }
    try terminal.outside.write(contentsOf: Data(answer.utf8))
    return try sandbox.end(of: process)
  }

  private func process(
    _ start: Start, _ arguments: [String], _ environment: [String: String] = [:]
  ) throws -> Process {
    let process = try sandbox.process(
      start.words + [Sandbox.program.path] + arguments, environment)
    process.executableURL = URL(filePath: "/usr/bin/setsid")
    process.standardInput = terminal.inside
    return process
  }
}
