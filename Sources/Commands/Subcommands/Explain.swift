// SPDX-License-Identifier: Apache-2.0

import Platform
import ArgumentParser
import Documents
import LibvirtModel
import MemoryModel
import Report

/// `virtmem explain`: what a field is, and what a rule says.
struct Explain: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Say what a field is, or what a rule says.",
    discussion: """
      Without an argument, all fields and rules are listed.

      Examples:
        virtmem explain memtune.hardLimit
        virtmem explain devices.elastic0.requested
        virtmem explain current-memory-above-reach

      Exit status: 0 done; 64 no such field or rule.
      """)

  @Argument(help: "A field's path below spec, or the name of a rule.")
  var subject: String?

  func run() throws {
    guard let subject else {
      StandardStream.output.write(ShownText(lines: Explanation.overview))
      return
    }
    guard let text = Explanation.of(subject) else {
      throw ValidationError(
        "'\(subject)' is no field and no rule. `virtmem explain` lists all of them.")
    }
    StandardStream.output.write(ShownText(lines: text))
  }
}
