// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Documents
import MemoryModel

/// `virtmem validate`: checks manifests.
struct Validate: ReportingCommand {
  static let configuration = CommandConfiguration(
    abstract: "Check manifests, without any connection.",
    discussion: """
      Every mistake of all files is reported at once, with its place and how to mend it.

      Example:
        virtmem validate fleet/

      Exit status: 0 valid; 64 usage; 65 invalid.
      """)

  @OptionGroup var manifests: ManifestOptions
  @OptionGroup(title: "What is shown") var output: OutputOptions

  var inputs: [String] { manifests.paths }

  func run(in environment: Environment) async throws -> ExitStatus {
    let (state, diagnostics) = ManifestReader.read(paths: manifests.paths)
    let isInvalid = diagnostics.contains { $0.severity == .error }
    let statuses: Set<ExitStatus> = isInvalid ? [.invalid] : []
    let lost = environment.show(
      .validation(state, diagnostics), as: presentation(in: environment),
      endingWith: ExitStatus.of(statuses))
    return ExitStatus.of(statuses.union(lost))
  }
}
