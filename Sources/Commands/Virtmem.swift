// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import MemoryModel
import Report

/// The command line.
struct Virtmem: ParsableCommand {
  static let version = "0.1.0"

  static let configuration = CommandConfiguration(
    commandName: "virtmem",
    abstract: "Keeps the memory of libvirt domains as manifests declare it.",
    discussion: """
      Manifests in YAML declare the memory of each domain. `plan` compares them with the running \
      and the persistent definition and shows the steps that would change the domain. `apply` makes \
      these changes and verifies each of them. `drift` only compares.

      First steps:
        virtmem export -c qemu:///system web-01 > web-01.yaml
        virtmem plan -c qemu:///system web-01.yaml
        virtmem apply -c qemu:///system web-01.yaml

      Examples:
        virtmem plan fleet/
        virtmem apply fleet/

      Exit status: 0 done; 1 failed; 2 differences (drift, --detailed-exitcode); 3 blocked; \
      4 stale; 5 something could not be observed; 64 usage; 65 invalid input; 70 internal error; \
      130 and 143 interrupted.
      """,
    version: "virtmem \(version)",
    groupedSubcommands: [
      CommandGroup(
        name: "Review", subcommands: [PlanCommand.self, Drift.self, Show.self]),
      CommandGroup(name: "Change", subcommands: [Apply.self]),
      CommandGroup(
        name: "Manifest",
        subcommands: [Export.self, Validate.self, SchemaCommand.self]),
      CommandGroup(name: "Snapshot", subcommands: [Observe.self]),
      CommandGroup(
        name: "Help",
        subcommands: [Explain.self, Completion.self, VersionCommand.self]),
    ])

  /// Runs the command that `arguments` name and returns the status for the process.
  ///
  /// If `arguments` is nil, it uses the process's arguments. `parse` makes them a command.
  static func run(
    _ arguments: [String]? = nil, in environment: Environment,
    parse: ([String]) throws -> any ParsableCommand = parsed
  ) async -> Int32 {
    do {
      let command = try parse(arguments ?? Array(CommandLine.arguments.dropFirst()))
      let status = try await status(of: command, in: environment)
      return unlessLost(status, in: environment).rawValue
    } catch let failure as Failure {
      let style = OutputOptions.Color.auto.style(on: environment.error, in: environment)
      environment.error.write(failure.text(style: style))
      return unlessLost(failure.status, in: environment).rawValue
    } catch {
      // ArgumentParser throws its help as an error too, with the status 0.
      let status = exitCode(for: error)
      // The argument parser writes `Error:`, where all other messages have `error:`.
      let message = fullMessage(for: error).replacingPrefix("Error: ", with: "error: ")
      let stream = status.isSuccess ? environment.output : environment.error
      if !message.isEmpty { stream.write(fitted(message, to: stream.width)) }
      return status.rawValue
    }
  }

  /// A message of the argument parser, on lines that end before column `width`.
  private static func fitted(_ message: String, to width: Int?) -> ShownText {
    message.split(separator: "\n", omittingEmptySubsequences: false)
      .flatMap { ShownText(lines: String($0)).wrapped(to: width, indent: 2) }
      .map { "\($0)\n" }.joined()
  }

  private static func status(
    of command: any ParsableCommand, in environment: Environment
  ) async throws -> ExitStatus {
    var command = command
    let environment = environment.beginning()
    if let command = command as? any Subcommand {
      let reporting = command as? any ReportingCommand
      do {
        try reporting?.checkReports()
        return try await command.run(in: environment)
      } catch let failure as Failure where !failure.diagnostics.isEmpty {
        guard let presentation = reporting?.presentation(in: environment) else { throw failure }
        environment.error.write(failure.text(style: presentation.errorStyle))
        let lost = environment.show(
          .mistakes(failure.diagnostics), as: presentation, endingWith: failure.status)
        return ExitStatus.of(lost.union([failure.status]))
      } catch let error as ValidationError {
        // The argument parser would add the usage of virtmem as a whole.
        throw Failure(ShownText(lines: error.message), .usage)
      }
    }
    // ArgumentParser's own commands, such as `help`.
    try command.run()
    return .done
  }

  /// Parses the command line, with a hint in the place of the parser's error where there is one.
  static func parsed(_ arguments: [String]) throws -> any ParsableCommand {
    if let hint = CommandHint(forCommandIn: arguments) { throw Failure(hint) }
    do {
      return try parseAsRoot(arguments)
    } catch {
      if !exitCode(for: error).isSuccess, let hint = CommandHint(forOptionIn: arguments) {
        throw Failure(hint)
      }
      throw error
    }
  }

  /// The status of a run that ended with `status`; failed if standard output lost data.
  private static func unlessLost(_ status: ExitStatus, in environment: Environment) -> ExitStatus {
    guard let loss = environment.output.failure else { return status }
    environment.error.write("error: can't write standard output: \(loss)\n")
    return ExitStatus.of([status, .failed])
  }
}

extension Failure {
  fileprivate init(_ hint: CommandHint) {
    self.init(ShownText(lines: hint.text), .usage)
  }
}

extension String {
  /// The text, with `replacement` in the place of `prefix` at its start.
  fileprivate func replacingPrefix(_ prefix: String, with replacement: String) -> String {
    hasPrefix(prefix) ? replacement + dropFirst(prefix.count) : self
  }
}
