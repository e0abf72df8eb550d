// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing
import YAML

/// Runs the workflow that writes comments, with a program in the place of GitHub's `gh`.
@Suite struct CommentTests {
  static let marker = "<!-- virtmem:plan -->"
  static let report = "\(marker)\n**virtmem plan: in order.** $(touch pwned) `touch pwned`\n"

  /// Answers as GitHub's interface does, and keeps what it is asked.
  static let gh = """
    #!/bin/bash
    echo "$*" >> requests
    case "$*" in
    *"/pulls "*) cat pulls.json ;;
    *"/comments?"*) cat comments.json ;;
    *)
      while [[ $# -gt 1 ]]; do
        if [[ $1 == --input ]]; then cp "$2" sent.json; fi
        shift
      done
      ;;
    esac
    """

  /// The folder of a job, with one open pull request and no comment of virtmem.
  private func job(_ report: String = report) throws -> Checkout {
    let checkout = try Checkout()
    let sandbox = checkout.sandbox
    let program = try sandbox.file("bin/gh", Self.gh)
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: program)
    try sandbox.file(
      "pulls.json",
      #"[{"number": 6, "head": {"sha": "older"}}, {"number": 7, "head": {"sha": "c0ffee"}}]"#)
    try sandbox.file("comments.json", #"[{"id": 1, "user": {"login": "ann"}, "body": "hi"}]"#)
    try sandbox.file("artifact/comment.md", report)
    return checkout
  }

  /// Runs the workflow's script with its variables.
  private func run(in checkout: Checkout, commit: String = "c0ffee") throws -> Outcome {
    let jobs = try #require(try Checkout.example("gitops/comment.yml")["jobs"])
    let steps = try #require(jobs["comment"]?["steps"]?.elements)
    #expect(!steps.contains { $0["uses"]?.scalar?.text.contains("checkout") == true })
    let step = try #require(steps.last)
    let variables = [
      "GH_TOKEN": "token", "OWNER": "mallory", "BRANCH": "$(touch pwned)", "COMMIT": commit,
      "MARKER": Self.marker,
    ]
    #expect(Set(step["env"]?.members.map(\.0) ?? []) == Set(variables.keys))
    #expect(step["env"]?["MARKER"]?.scalar?.text == Self.marker)
    let outcome = try checkout.run(
      try #require(step["run"]?.scalar?.text),
      variables.merging(["GITHUB_REPOSITORY": "ann/fleet"]) { $1 })
    #expect(!FileManager.default.fileExists(atPath: checkout.path(of: "pwned")))
    return outcome
  }

  /// What the script asked for last.
  private func lastRequest(in checkout: Checkout) throws -> String? {
    try checkout.sandbox.text(of: "requests").split(separator: "\n").last.map(String.init)
  }

  @Test("the report becomes a comment of the pull request at the commit of the run")
  func first() throws {
    let checkout = try job()
    let outcome = try run(in: checkout)
    #expect(outcome.status == 0, "\(outcome.errors)")
    let requests = try checkout.sandbox.text(of: "requests")
    #expect(requests.contains("-f head=mallory:$(touch pwned)\n"))
    #expect(
      try lastRequest(in: checkout)?.hasPrefix(
        "api --method POST repos/ann/fleet/issues/7/comments ")
        == true)
    let sent = try checkout.sandbox.text(of: "sent.json")
    #expect(sent.contains(#""body": "<!-- virtmem:plan -->\n"#))
    #expect(sent.contains("at c0ffee") && sent.contains("`touch pwned`"))
  }

  @Test("a later run replaces the comment, and only one that the workflow wrote")
  func replaced() throws {
    let checkout = try job()
    try checkout.sandbox.file(
      "comments.json",
      """
      [{"id": 1, "user": {"login": "mallory"}, "body": "\(Self.marker)\\nmine"}]
      [{"id": 2, "user": {"login": "github-actions[bot]"}, "body": "\(Self.marker)\\nold"}]
      """)
    let outcome = try run(in: checkout)
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(
      try lastRequest(in: checkout)?.hasPrefix(
        "api --method PATCH repos/ann/fleet/issues/comments/2 ")
        == true)
  }

  @Test("a run whose commit is no longer the newest writes nothing")
  func stale() throws {
    let checkout = try job()
    let outcome = try run(in: checkout, commit: "0ld")
    #expect(outcome.status == 0)
    #expect(!FileManager.default.fileExists(atPath: checkout.path(of: "sent.json")))
  }

  @Test(
    "an artifact that is no report of virtmem is refused",
    arguments: [
      "", "hello\n", "\(marker)\n" + String(repeating: "x", count: 60_000), "\0\(marker)x\n",
    ])
  func refused(report: String) throws {
    let checkout = try job(report)
    #expect(try run(in: checkout).status == 1)
    #expect(!FileManager.default.fileExists(atPath: checkout.path(of: "requests")))
  }

  @Test("a link in the artifact is refused")
  func link() throws {
    let checkout = try job()
    let file = checkout.path(of: "artifact/comment.md")
    try FileManager.default.moveItem(atPath: file, toPath: checkout.path(of: "secret"))
    try FileManager.default.createSymbolicLink(
      atPath: file, withDestinationPath: checkout.path(of: "secret"))
    #expect(try run(in: checkout).status == 1)
  }
}
