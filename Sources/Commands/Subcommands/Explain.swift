// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Report

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
      show(Explanation.overview, in: environment)
      return .done
    }
    guard let text = Explanation.of(subject) else {
      let near = Explanation.nearest(to: subject).map { "'\($0)'" }
      let hint = near.isEmpty ? "" : " Did you mean \(near.joined(separator: " or "))?"
      throw ValidationError(
        "virtmem does not know '\(subject)'.\(hint) `virtmem explain` lists all that it knows.")
    }
    show(text, in: environment)
    return .done
  }

  /// Shows a text on lines that end before the terminal's last column, or before column 80.
  private func show(_ text: String, in environment: Environment) {
    let width = environment.output.width ?? 80
    environment.show(.explanation(text), as: Presentation(outputStyle: Style(width: width)))
  }
}
