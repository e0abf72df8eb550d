// SPDX-License-Identifier: Apache-2.0

import Platform
import ArgumentParser
import Documents
import MemoryModel
import Planner
import Report

/// Reading manifests for a command: valid ones, or every mistake on standard error and status 65.
enum Manifests {
  /// What the manifests at `paths` ask for.
  ///
  /// A mistake in the use of the command comes before those in the manifests.
  static func read(
    paths: [String], _ output: OutputOptions, _ connection: ConnectionOptions? = nil
  ) throws -> DesiredState {
    let (state, diagnostics) = ManifestReader.read(paths: paths)
    if let host = state.hosts.first, connection?.uri != nil {
      throw ValidationError(
        "--connect is for manifests without Hosts, and here Host \(host.name) has a uri of its own."
      )
    }
    StandardStream.error.write(
      DiagnosticReport(style: output.style(.error)).text(diagnostics))
    guard !diagnostics.contains(where: { $0.severity == .error }) else {
      throw ExitStatus.invalid.error
    }
    return state
  }

  /// The fleet that the manifests and the command line speak of.
  static func fleet(
    _ state: DesiredState, _ connection: ConnectionOptions, _ selection: SelectionOptions,
    _ output: OutputOptions
  ) -> Fleet {
    let fleet = Fleet(
      state, selection: selection.selection, connection: connection.uri, from: connection.origin)
    let isEmpty = !fleet.hosts.contains(where: fleet.hasDomains)
    if isEmpty && !state.domains.isEmpty && !output.quiet {
      StandardStream.error.write(
        "note: none of the declared domains is selected; look at --domain and --selector.\n")
    }
    return fleet
  }
}

/// Ends the command with one message, in the words of every other error.
func fail(_ message: ShownText, _ status: ExitStatus) -> ExitCode {
  StandardStream.error.write("error: \(message)\n")
  return status.error
}
