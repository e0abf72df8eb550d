// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

/// libvirt's log holds definitions with their passwords, and text of guests.
@Suite struct ClientLogTests {
  private static let note = "note: libvirt's log is not shown here"

  @Test(
    "no setting brings libvirt's log to standard error, and a note says so once",
    arguments: [
      ["LIBVIRT_DEBUG": "1"], ["LIBVIRT_LOG_FILTERS": "1:*"],
      ["LIBVIRT_DEBUG": "1", "LIBVIRT_LOG_OUTPUTS": "1:stderr"],
      ["LIBVIRT_LOG_FILTERS": "1:*", "LIBVIRT_LOG_OUTPUTS": "1:file:/dev/stderr"],
    ])
  func stream(variables: [String: String]) throws {
    let sandbox = try Sandbox()
    let domain = TestDomain("web", more: "<description>x\n::error ::MARK</description>")
    let arguments = [
      "apply", try sandbox.file("web.yaml", Manifest.change), "--auto-approve", "-c",
      try sandbox.node([domain]),
    ]
    let outcome = try sandbox.run(arguments, environment: variables)
    #expect(outcome.status == 0)
    #expect(outcome.errors.hasPrefix(Self.note))
    #expect(outcome.errors.ranges(of: "note: ").count == 1)
    #expect(!outcome.errors.contains("debug :") && !outcome.errors.contains("MARK"))
  }

  @Test("libvirt's log goes to a file that the environment names")
  func file() throws {
    let sandbox = try Sandbox()
    let log = sandbox.folder.appending(path: "log").path
    let manifest = try sandbox.file("web.yaml", Manifest.inSync)
    for outputs in ["1:file:\(log)", "1:stderr 1:file:\(log)"] {
      try sandbox.file("log", "")
      let outcome = try sandbox.run(
        ["plan", manifest, "-c", try sandbox.node()],
        environment: ["LIBVIRT_DEBUG": "1", "LIBVIRT_LOG_OUTPUTS": outputs])
      #expect(outcome.status == 0)
      #expect(try sandbox.text(of: "log").contains("virConnectOpenAuth"))
      #expect(outcome.errors.contains(Self.note) == outputs.contains("stderr"))
      #expect(!outcome.errors.contains("debug :"), "\(outcome.errors)")
    }
  }
}
