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
    "refresh": "drift", "get": "export", "list": "export", "import": "export", "dump": "export",
    "snapshot": "observe", "describe": "explain", "print": "show", "completions": "completion",
  ]

  /// What to do in place of commands that virtmem has nothing for.
  private static let absentCommands = [
    "delete":
      "virtmem deletes nothing. A domain that leaves the manifests stays as it is; `virsh undefine` "
      + "deletes it.",
    "destroy":
      "virtmem stops and deletes nothing. `virsh shutdown` stops a domain, `virsh undefine` deletes "
      + "it.",
    "init":
      "virtmem needs no preparation. `virtmem export > fleet.yaml` writes manifests to begin with.",
  ]

  /// What to do in place of the options of other tools.
  private static let options = [
    "-f": "Give the path without an option: virtmem COMMAND PATH.",
    "--filename": "Give the path without an option: virtmem COMMAND PATH.",
    "--file": "Give the path without an option: virtmem COMMAND PATH.",
    "-o": "Did you mean '--format json', or '--out FILE'?",
    "--output": "Did you mean '--format json', or '--out FILE'?",
    "--json": "Did you mean '--format json'?",
    "--dry-run": "`virtmem plan` shows what `virtmem apply` would do, and does nothing.",
    "--check": "`virtmem plan` shows what `virtmem apply` would do, and does nothing.",
    "-n":
      "virtmem has no namespaces: select with '--domain GLOB' or '-l LABEL=VALUE'. To look without "
      + "changing anything: `virtmem plan`.",
    "--namespace":
      "virtmem has no namespaces: select with '--domain GLOB' or '-l LABEL=VALUE'.",
    "-y": "Did you mean '--auto-approve'?",
    "--yes": "Did you mean '--auto-approve'?",
    "--host":
      "Did you mean '--domain HOST/*', for a Host of the manifests, or '-c URI', for a connection?",
    "--limit": "Did you mean '--domain GLOB', or '-l LABEL=VALUE'?",
    "--target": "Did you mean '--domain GLOB'?",
    "--uri": "Did you mean '--connect URI'?",
  ]

  /// The hint for the option that another tool has; nil if `arguments` have none.
  ///
  /// The value of an option may look like an option, so this is for arguments that the parser has
  /// refused.
  init?(forOptionIn arguments: [String]) {
    for argument in arguments {
      let option = String(argument.prefix { $0 != "=" })
      guard let hint = Self.options[option] else { continue }
      text = "virtmem has no option '\(option)'. \(hint)"
      return
    }
    return nil
  }

  /// The hint for the command that `arguments` name; nil if virtmem has the command.
  init?(forCommandIn arguments: [String]) {
    let names = Virtmem.commandNames
    let words = arguments.first == "help" ? arguments.dropFirst() : arguments[...]
    guard let word = words.first, !word.hasPrefix("-"), !names.contains(word) else { return nil }
    if let instead = Self.absentCommands[word] {
      text = "virtmem has no command '\(word)'. \(instead)"
      return
    }
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
