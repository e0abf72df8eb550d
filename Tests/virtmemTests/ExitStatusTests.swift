// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

@Suite struct ExitStatusTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let status: Int32
    let command: String
    let manifest: String
    let options: [String]

    init(_ status: Int32, _ command: String, _ manifest: String, _ options: String...) {
      (self.status, self.command, self.manifest, self.options) = (
        status, command, manifest, options
      )
    }

    var testDescription: String {
      let specs = manifest.split(separator: "\n").filter { $0.hasPrefix("spec") }
      return "\(status) \(command) \(options.joined(separator: " ")) \(specs)"
    }
  }

  static let pending = Manifest.domain("web", "memory: 2GiB")
  static let lost = Manifest.domain("lost", "memory: 1GiB")
  static let suspended = Manifest.domain("web", "suspend: true, currentMemory: 600MiB")

  @Test(
    "each result has its own exit status",
    arguments: [
      Case(0, "validate", Manifest.inSync), Case(65, "validate", Manifest.unknownField),
      Case(0, "plan", Manifest.inSync), Case(0, "plan", Manifest.change),
      Case(0, "plan", Manifest.inSync, "--detailed-exitcode"),
      Case(2, "plan", Manifest.change, "--detailed-exitcode"),
      Case(3, "plan", Manifest.blocked), Case(65, "plan", Manifest.unknownField),
      Case(0, "plan", pending, "--require-live"),
      Case(2, "plan", pending, "--detailed-exitcode"),
      Case(0, "drift", Manifest.inSync), Case(2, "drift", Manifest.change),
      Case(3, "drift", Manifest.blocked), Case(3, "drift", Manifest.change + lost),
      Case(65, "drift", Manifest.unknownField),
      Case(2, "drift", Manifest.change, "--allow", "none"),
      Case(0, "drift", suspended), Case(0, "plan", suspended, "--detailed-exitcode"),
      Case(0, "apply", Manifest.inSync), Case(0, "apply", Manifest.change),
      Case(3, "apply", Manifest.blocked), Case(3, "apply", Manifest.change + lost),
      Case(65, "apply", Manifest.unknownField), Case(0, "apply", pending),
      Case(2, "apply", pending, "--require-live"), Case(0, "apply", suspended),
      Case(0, "apply", Manifest.change, "--allow", "none"),
      Case(64, "drift", Manifest.change, "--domain", "other"),
    ])
  func status(of run: Case) throws {
    let outcome = try Sandbox().run(
      run.command, run.manifest, on: run.command == "validate" ? [] : [TestDomain("web")],
      run.options)
    #expect(outcome.status == run.status, "\(outcome.errors)")
  }

  @Test(
    "changes and blockers determine the exit status before unobserved domains do",
    arguments: [
      (5, "plan", Manifest.inSync, []), (5, "drift", Manifest.inSync, []),
      (5, "apply", Manifest.inSync, []), (2, "drift", Manifest.change, []),
      (2, "plan", Manifest.change, ["--detailed-exitcode"]), (5, "plan", Manifest.change, []),
      (3, "drift", Manifest.blocked, []), (5, "apply", Manifest.change, []),
    ] as [(Int32, String, String, [String])])
  func unobserved(
    status: Int32, command: String, seen: String, options: [String]
  ) throws {
    let sandbox = try Sandbox()
    let manifest =
      Manifest.host("near", try sandbox.node()) + Manifest.host("silent", "test:///no/such.xml")
      + seen + Manifest.domain("far", "host: silent, memory: 1GiB")
    #expect(try sandbox.run(command, manifest, options).status == status)
  }
}
