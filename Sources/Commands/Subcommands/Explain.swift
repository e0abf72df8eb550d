// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

/// `virtmem explain`: describes a field or a rule.
struct Explain: Subcommand {
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

  func run(in environment: Environment) async throws -> ExitStatus {
    guard let subject else {
      environment.show(.explanation(Explanation.overview))
      return .done
    }
    guard let text = Explanation.of(subject) else {
      throw ValidationError(
        "'\(subject)' is no field and no rule. `virtmem explain` lists all of them.")
    }
    environment.show(.explanation(text))
    return .done
  }
}
