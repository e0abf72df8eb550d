// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import MemoryModel

/// The command line.
struct Virtmem: ParsableCommand {
  static let version = "0.1.0"

  static let configuration = CommandConfiguration(
    commandName: "virtmem",
    abstract: "Keeps the memory of libvirt domains as manifests say.",
    discussion: """
      Manifests in YAML say what memory each domain should have. `plan` shows what differs on the \
      running and on the persistent definition and what would be done, `apply` does it and looks \
      whether it came about, `drift` only looks.

      Example:
        virtmem plan fleet/
        virtmem apply fleet/

      Exit status: 0 done; 1 failed; 2 differences (drift, --detailed-exitcode); 3 blocked; \
      4 stale; 5 something could not be observed; 64 usage; 65 invalid input; 70 internal error; \
      130 and 143 interrupted.
      """,
    version: """
      virtmem \(version)
      tested on libvirt \(Version.oldestSupportedLibvirt) to \(Version.newestKnownLibvirt), \
      QEMU \(Version.oldestSupportedQEMU) and newer
      """,
    subcommands: [
      Validate.self, PlanCommand.self, Apply.self, Drift.self, Export.self, Observe.self, Show.self,
      Explain.self, SchemaCommand.self,
    ])

  /// Runs the command that `arguments` name and returns the status for the process.
  ///
  /// If `arguments` is nil, it uses the process's arguments.
  static func run(_ arguments: [String]? = nil, in environment: Environment) async -> Int32 {
    do {
      let status = try await status(of: arguments, in: environment)
      return unlessLost(status, in: environment).rawValue
    } catch let failure as Failure {
      environment.error.write(failure.text)
      return unlessLost(failure.status, in: environment).rawValue
    } catch {
      // ArgumentParser throws its help as an error too, with the status 0.
      let status = exitCode(for: error)
      let message = fullMessage(for: error)
      if !message.isEmpty {
        (status.isSuccess ? environment.output : environment.error).write(
          ShownText(lines: message) + "\n")
      }
      return status.rawValue
    }
  }

  private static func status(
    of arguments: [String]?, in environment: Environment
  ) async throws -> ExitStatus {
    var command = try parseAsRoot(arguments)
    if let command = command as? any Subcommand {
      return try await command.run(in: environment)
    }
    // ArgumentParser's own commands, such as `help`.
    try command.run()
    return .done
  }

  /// The status of a run that ended with `status`; failed if standard output lost data.
  private static func unlessLost(_ status: ExitStatus, in environment: Environment) -> ExitStatus {
    guard let loss = environment.output.failure else { return status }
    environment.error.write("error: can't write standard output: \(loss)\n")
    return ExitStatus.of([status, .failed])
  }
}
