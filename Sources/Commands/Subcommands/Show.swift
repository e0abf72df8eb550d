// SPDX-License-Identifier: Apache-2.0

import Platform
import ArgumentParser
import Documents
import MemoryModel
import Report

/// `virtmem show`: a saved plan again.
struct Show: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Print a saved plan again, whatever its age.",
    discussion: """
      What `plan --out` has saved is printed as `plan` printed it, without any connection. A file \
      that is not byte for byte what was saved is refused.

      Examples:
        virtmem show plan.json --verbose
        virtmem show plan.json --format json

      Exit status: 0 done, with changes or without; 2 with --detailed-exitcode: there are changes; \
      3 something is blocked; 5 something could not be observed; 64 usage; 65 invalid input.
      """)

  @Argument(
    help: ArgumentHelp("A saved plan, or - for standard input.", valueName: "plan"),
    completion: .file(extensions: ["json"]))
  var path: String

  @OptionGroup(title: "Output") var output: OutputOptions

  @Flag(name: .customLong("detailed-exitcode"), help: "End with status 2 where there are changes.")
  var hasDetailedExitCode = false

  func run() throws {
    let saved = try SavedPlans.read(path, output)
    switch output.format {
    case .human:
      SavedPlans.announce(saved, output)
      StandardStream.output.write(output.planReport(.output).text(saved.plan))
    case .json:
      StandardStream.output.write(
        document: PlanDocument.bytes(of: saved.plan, created: saved.created))
    }
    var statuses = ExitStatus.of(saved.plan)
    if hasDetailedExitCode && saved.plan.stepCount > 0 { statuses.insert(.differences) }
    throw ExitStatus.of(statuses).error
  }
}
