// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

@testable import Commands

/// What users get who know other tools.
@Suite("hints in process") struct HintTests {
  @Test(
    "an option of another tool gets the one that is meant",
    arguments: [
      (["plan", "-f", "m.yaml"], "virtmem COMMAND PATH"),
      (["apply", "m.yaml", "--dry-run"], "`virtmem plan`"),
      (["plan", "m.yaml", "-o", "json"], "'--format json'"),
      (["plan", "m.yaml", "--output=json"], "'--format json'"),
      (["plan", "m.yaml", "-n", "prod"], "no namespaces"),
      (["apply", "m.yaml", "-y"], "'--auto-approve'"),
      (["apply", "m.yaml", "--yes"], "'--auto-approve'"),
      (["plan", "m.yaml", "--host", "hv01"], "'--domain HOST/*'"),
      (["diff", "m.yaml"], "did you mean 'plan'?"), (["status"], "did you mean 'drift'?"),
      (["get"], "did you mean 'export'?"), (["delete", "web"], "virtmem deletes nothing"),
      (["init"], "virtmem export > fleet.yaml"), (["help", "init"], "needs no preparation"),
      (["plan", "m.yaml", "--timeout", "5"], "write 5s"),
      (["plan", "m.yaml", "--timeout", "0s"], "it is at least 1s"),
      (["plan", "m.yaml", "--timeout", "5min"], "such as 30s, 10m or 1h"),
    ] as [([String], String)])
  func hint(arguments: [String], words: String) async throws {
    let scene = try Scene(.web)
    let outcome = await scene.run(with: arguments)
    #expect(outcome.status == 64 && outcome.output.isEmpty)
    #expect(outcome.errors.hasPrefix("error: ") && outcome.errors.contains(words))
  }

  @Test("a pattern of several that matches nothing is told, and decides no status")
  func pattern() async throws {
    let scene = try Scene(.web)
    let manifest = try scene.manifest(Manifest.inSync)
    let outcome = await scene.run("plan", manifest, "--domain", "web", "--domain", "wbe")
    #expect(outcome.status == 0)
    #expect(
      outcome.errors == "note: --domain wbe matches no declared domain: did you mean 'web'?\n")
    let quiet = await scene.run("plan", manifest, "--domain", "web", "--domain", "wbe", "-q")
    #expect(quiet.errors.isEmpty)
  }

  @Test("version names virtmem and libvirt's client library; --version is one line")
  func version() async throws {
    let scene = try Scene(.web)
    let text = await scene.run("version").output
    #expect(text.hasPrefix("virtmem \(Virtmem.version)\nlibvirt 9.0.0 (the client library"))
    #expect(await scene.run("--version").output == "virtmem \(Virtmem.version)\n")
  }
}
