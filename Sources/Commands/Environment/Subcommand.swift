// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

/// A command that does its work in an environment.
protocol Subcommand: ParsableCommand {
  /// Does the command's work and returns the status of the process.
  ///
  /// - Throws: ``Failure`` where the command can't go on, ArgumentParser's `ValidationError` where
  ///   the user called it wrongly.
  func run(in environment: Environment) async throws -> ExitStatus
}
