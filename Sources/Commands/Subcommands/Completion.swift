// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import MemoryModel

/// `virtmem completion`: prints a script with which a shell completes command lines.
struct Completion: Subcommand {
  static let configuration = CommandConfiguration(
    abstract: "Print a script that completes virtmem's command lines in a shell.",
    discussion: """
      The script completes commands, options and files, and for `explain` also fields and rules.

      Examples:
        virtmem completion bash > /etc/bash_completion.d/virtmem
        virtmem completion zsh > ~/.zfunc/_virtmem
        virtmem completion fish > ~/.config/fish/completions/virtmem.fish

      Exit status: 0 done; 64 virtmem has no completion for the shell.
      """)

  /// The shells for which there is a script.
  enum Shell: String, ExpressibleByArgument, CaseIterable {
    case bash
    case zsh
    case fish

    /// The shell, as the argument parser names it.
    fileprivate var parsers: CompletionShell {
      switch self {
      case .bash: .bash
      case .zsh: .zsh
      case .fish: .fish
      }
    }
  }

  @Argument(help: "The shell.")
  var shell: Shell

  func run(in environment: Environment) async throws -> ExitStatus {
    environment.output.write(document: Array(Virtmem.completionScript(for: shell.parsers).utf8))
    return .done
  }
}
