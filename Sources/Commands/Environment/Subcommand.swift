// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

/// A command that does its work in an environment.
protocol Subcommand: ParsableCommand, Sendable {
  /// Does the command's work and returns the status of the process.
  ///
  /// - Throws: ``Failure`` where the command can't go on, ArgumentParser's `ValidationError` where
  ///   the user called it wrongly.
  func run(in environment: Environment) async throws -> ExitStatus
}

/// A command line that was parsed once and can run many times, each time in an environment.
package struct ParsedCommand: Sendable {
  private let command: any Subcommand

  /// Parses `arguments`; nil if they name no command of virtmem or are wrong.
  package init?(_ arguments: [String]) {
    guard let command = try? Virtmem.parsed(arguments) as? any Subcommand else { return nil }
    self.command = command
  }

  /// Runs the command and returns the status for the process.
  package func run(in environment: Environment) async -> Int32 {
    await Virtmem.run([], in: environment) { _ in command }
  }
}
