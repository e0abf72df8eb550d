// SPDX-License-Identifier: Apache-2.0

import Platform
import ArgumentParser
import Documents
import LibvirtClient
import MemoryModel

/// Runs the command that the process's arguments name, and ends the process with its status.
package func runCommandLine() async {
  await Virtmem.main()
}

/// The command line.
struct Virtmem: AsyncParsableCommand {
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
      tested on libvirt \(LibvirtVersion.oldestSupported) to \(LibvirtVersion.newestKnown), \
      QEMU \(LibvirtVersion.oldestSupportedQEMU) and newer
      """,
    subcommands: [
      Validate.self, PlanCommand.self, Apply.self, Drift.self, Export.self, Observe.self, Show.self,
      Explain.self, SchemaCommand.self,
    ])

  static func main() async {
    Allocator.keepFreedMemory()
    StandardStream.prepare()
    TerminationSignals.install()
    var end: any Error = ExitStatus.done.error
    do {
      var command = try parseAsRoot()
      if var command = command as? any AsyncParsableCommand {
        try await command.run()
      } else {
        try command.run()
      }
    } catch {
      end = error
    }
    if let loss = StandardStream.loss {
      let status = ExitStatus(rawValue: exitCode(for: end).rawValue) ?? .internalError
      end = fail("can't write standard output: \(loss)", ExitStatus.of([status, .failed]))
    }
    finish(end)
  }

  /// Ends the process with the message and status of `end`, and without C's clean-up.
  ///
  /// libvirt's event loop and connections have threads that would run into what is torn down.
  /// Nothing needs it: every write went out at once.
  private static func finish(_ end: any Error) -> Never {
    let message = fullMessage(for: end)
    let status = exitCode(for: end)
    if !message.isEmpty {
      (status.isSuccess ? StandardStream.output : .error).write(
        ShownText(lines: message) + "\n")
    }
    ConnectionProcesses.endAll()
    StandardStream.endProcess(status.rawValue)
  }
}
