// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

/// The width and the colour of what the program writes to a real terminal, and to a file.
@Suite struct WidthTests {
  private let sandbox: Sandbox
  private let terminal: Terminal
  private let command: [String]

  init() throws {
    sandbox = try Sandbox()
    terminal = try Terminal()
    let names = ["cache-019", "cache-044", "db-02", "db-07", "web-003", "web-017", "web-044"]
    let domains = names.enumerated().map { TestDomain($0.element, $0.offset) }
    let manifest = names.map { Manifest.domain($0, "currentMemory: 2GiB") }.joined()
    command = [
      "plan", try sandbox.file("fleet.yaml", manifest), "-c", try sandbox.node(domains),
    ]
  }

  @Test(
    "plan fits a terminal, breaks no word and has colour", arguments: [60, 80, 120] as [UInt16])
  func terminal(width: UInt16) throws {
    let text = try plan(width: width, ["TERM": "xterm"])
    #expect(text.contains("\u{1B}[31m"))
    let plain = text.replacing(/\u{1B}\[[0-9;]*m/, with: "")
    for line in plain.split(separator: "\r\n") {
      #expect(line.count <= Int(width) || line.split(separator: " ").count == 1, "\(line)")
      #expect(line.last != " ")
    }
    let words = try sandbox.run(command).output.split(whereSeparator: \.isWhitespace)
    #expect(plain.split(whereSeparator: \.isWhitespace) == words)
  }

  /// What turns colour off.
  static let colorless: [([String: String], [String])] = [
    (["TERM": "xterm", "NO_COLOR": "1"], []), (["TERM": "xterm"], ["--color", "never"]),
    (["TERM": "dumb"], []),
  ]

  @Test("a terminal gets no colour where the user wants none", arguments: colorless)
  func noColor(variables: [String: String], options: [String]) throws {
    let text = try plan(width: 80, variables, options)
    #expect(!text.contains("\u{1B}") && text.contains("7 domains: 7 blocked"))
  }

  @Test("a file gets no colour, and lines of any length")
  func file() throws {
    let text = try sandbox.run(command, environment: ["TERM": "xterm"]).output
    #expect(!text.contains("\u{1B}"))
    #expect(text.split(separator: "\n").contains { $0.count > 120 })
  }

  /// What a terminal gets of a plan.
  private func plan(
    width: UInt16, _ variables: [String: String], _ options: [String] = []
  ) throws -> String {
    try terminal.resize(toColumns: width)
    let process = try sandbox.process(command + options, variables)
    process.standardOutput = terminal.inside
    process.standardError = terminal.inside
    try process.run()
    terminal.read(toEndOf: process)
    try #require(process.terminationStatus == 3)
    return terminal.text
  }
}
