// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Basics

/// A hint for a command line whose command or option virtmem does not have, while other tools do.
struct CommandHint {
  /// What is wrong, and what the user may have meant.
  let text: String

  /// The commands that do what other tools have these words for.
  private static let synonyms = [
    "check": "validate", "lint": "validate", "diff": "plan", "preview": "plan", "status": "drift",
    "refresh": "drift", "get": "export", "import": "export", "dump": "export",
    "snapshot": "observe", "describe": "explain", "print": "show", "completions": "completion",
  ]

  /// The options that do what other tools have these for.
  private static let options = [
    "-o": "--format", "--output": "--format", "--json": "--format json",
    "--yes": "--auto-approve", "-y": "--auto-approve", "--target": "--domain",
  ]

  /// The hint for the option that another tool has; nil if `arguments` have none.
  ///
  /// The value of an option may look like an option, so this is for arguments that the parser has
  /// refused.
  init?(forOptionIn arguments: [String]) {
    for argument in arguments {
      guard let meant = Self.options[argument] else { continue }
      text = "virtmem has no option '\(argument)': did you mean '\(meant)'?"
      return
    }
    return nil
  }

  /// The hint for the command that `arguments` name; nil if virtmem has the command.
  init?(forCommandIn arguments: [String]) {
    let names = Virtmem.commandNames
    let words = arguments.first == "help" ? arguments.dropFirst() : arguments[...]
    guard let word = words.first, !word.hasPrefix("-"), !names.contains(word) else { return nil }
    let meant = Self.synonyms[word] ?? Suggestion.nearest(to: word, among: names)
    let question = meant.map { ": did you mean '\($0)'?" } ?? "."
    text = "virtmem has no command '\(word)'\(question) `virtmem --help` lists the commands."
  }
}

extension Virtmem {
  /// The names of all commands.
  static var commandNames: [String] {
    configuration.subcommands.compactMap { command in
      command.configuration.commandName ?? String(describing: command).lowercased()
    } + ["help"]
  }
}
