// SPDX-License-Identifier: Apache-2.0

import Platform
import ArgumentParser
import Documents
import MemoryModel
import Report

/// `virtmem validate`: manifests alone.
struct Validate: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Check manifests, without any connection.",
    discussion: """
      Every mistake of all files is reported at once, with its place and how to mend it.

      Example:
        virtmem validate fleet/

      Exit status: 0 valid; 64 usage; 65 invalid.
      """)

  @OptionGroup var manifests: ManifestOptions
  @OptionGroup(title: "Output") var output: OutputOptions

  func run() throws {
    let (state, diagnostics) = ManifestReader.read(paths: manifests.paths)
    let isValid = !diagnostics.contains { $0.severity == .error }
    switch output.format {
    case .json:
      StandardStream.output.write(document: DiagnosticsDocument.bytes(of: diagnostics))
    case .human:
      StandardStream.error.write(
        DiagnosticReport(style: output.style(.error)).text(diagnostics))
      let errors = diagnostics.count { $0.severity == .error }
      if !isValid {
        StandardStream.error.write("\(errors) mistake\(errors == 1 ? "" : "s").\n")
      } else if !output.quiet {
        StandardStream.output.write(
          """
          valid: \(counted(state.hosts.count, "host")), \
          \(counted(state.profileCount, "profile")), \(counted(state.domains.count, "domain"))

          """)
      }
    }
    if !isValid { throw ExitStatus.invalid.error }
  }
}
