// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Documents
import MemoryModel
import Planner
import Report

/// Reads manifests for a command.
enum Manifests {
  /// The state that the manifests at `paths` declare; their warnings go to standard error.
  ///
  /// With `needsHosts`, a Domain without `host` is a mistake.
  ///
  /// - Throws: A `ValidationError` where `connection` and the manifests exclude each other, else a
  ///   ``Failure`` with every mistake in the manifests.
  static func read(
    paths: [String], _ style: Style, _ connection: ConnectionOptions? = nil,
    needsHosts: Bool = false, in environment: Environment
  ) throws -> DesiredState {
    let (state, diagnostics) = ManifestReader.read(paths: paths, needsHosts: needsHosts)
    if let host = state.hosts.first, connection?.uri != nil {
      throw ValidationError(
        "--connect is for manifests without Hosts, and here Host \(host.name) has a uri of its own."
      )
    }
    guard !diagnostics.contains(where: { $0.severity == .error }) else {
      throw Failure(invalid: diagnostics)
    }
    environment.error.write(DiagnosticReport(style: style).text(diagnostics))
    return state
  }

  /// The hosts and domains of a state that the user selects; `connection` is nil for hosts of
  /// snapshots.
  ///
  /// - Throws: A `ValidationError` with near names where the selection leaves none of the domains
  ///   that the manifests declare; a change that the run was narrowed to, or its shard, may leave
  ///   none.
  static func fleet(
    _ narrowed: NarrowedState, _ connection: ConnectionOptions?, _ selection: SelectionOptions,
    isQuiet: Bool, in environment: Environment
  ) throws -> Fleet {
    if selection.isUsed {
      guard !Fleet(narrowed.declared, selection: selection.declared).isEmpty else {
        throw ValidationError(selection.nothingSelected(of: narrowed.declared))
      }
      for note in selection.notes(about: narrowed.declared) where !isQuiet {
        environment.error.write(paragraph: "note: " + note, indent: 2)
      }
    }
    return Fleet(
      narrowed.state, selection: selection.selection,
      connection: connection?.target(in: environment),
      from: connection?.origin(in: environment) ?? .default)
  }
}
