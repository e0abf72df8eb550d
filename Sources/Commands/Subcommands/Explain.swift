// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

/// `virtmem explain`: describes a field, a rule, or another word.
struct Explain: Subcommand {
  static let configuration = CommandConfiguration(
    abstract: "Explain a field, a rule, a verdict, a status or a word of libvirt's.",
    discussion: """
      Without an argument, all of them are listed.

      Examples:
        virtmem explain memtune.hardLimit
        virtmem explain devices.elastic0.requested
        virtmem explain current-memory-above-reach
        virtmem explain pendingRestart

      Exit status: 0 done; 64 virtmem does not know the word.
      """)

  @Argument(
    help: "A field's path below spec, the name of a rule, or another word of virtmem's texts.",
    completion: .list(Explanation.subjects))
  var subject: String?

  func run(in environment: Environment) async throws -> ExitStatus {
    guard let subject else {
      environment.show(.explanation(Explanation.overview))
      return .done
    }
    guard let text = Explanation.of(subject) else {
      let hint = Explanation.nearest(to: subject).map { " Did you mean '\($0)'?" } ?? ""
      throw ValidationError(
        "virtmem does not know '\(subject)'.\(hint) `virtmem explain` lists all that it knows.")
    }
    environment.show(.explanation(text))
    return .done
  }
}
