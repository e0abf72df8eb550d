// SPDX-License-Identifier: Apache-2.0

import MemoryModel
import Planner

/// The command that a user gives after `plan` or `apply`, ready to be pasted into a shell.
struct NextCommand {
  private let words: [String]

  /// The command that performs the plan of `run`, which was saved in `file`; nil if none does.
  init?(after run: PlanningRun, savedIn file: String?) {
    if let file {
      guard !run.offline.isUsed else { return nil }
      words = ["virtmem", "apply", "--plan", file]
      return
    }
    guard !run.offline.isUsed, !run.snapshots.isUsed,
      !(run.manifests.paths + [run.changes.old]).contains("-")
    else {
      return nil
    }
    words =
      ["virtmem", "apply"] + run.manifests.paths.map(Self.operand)
      + Self.options(run.connection, run.selection, run.changes, run.planning)
      + Self.option(of: run.tolerance)
  }

  /// The command that goes on where `apply` has left steps or something blocked; nil if none does.
  ///
  /// What failed or was not begun is applied again. What is blocked or stale has to be planned
  /// again, and so has the rest of a saved plan.
  init?(after apply: Apply, _ report: ApplyReport) {
    let isStale = report.domains.contains { $0.status == .stale }
    let isLeft = report.domains.contains { $0.status == .failed || $0.status == .skipped }
    let isBlocked = report.closing.domains.contains { $0.verdict == .blocked }
    guard isStale || isLeft || isBlocked else { return nil }
    if let file = apply.subject.plan {
      // What failed in a domain may have changed it, so only what was not begun is still as planned.
      let isUntouched =
        file != "-" && !isStale && !isBlocked
        && report.domains.allSatisfy { $0.status == .done || $0.status == .skipped }
      words =
        isUntouched
        ? ["virtmem", "apply", "--plan", file] : ["virtmem", "plan", "PATH", "--out", "plan.json"]
      return
    }
    guard !(apply.subject.paths + [apply.changes.old]).contains("-") else { return nil }
    words =
      ["virtmem", isLeft ? "apply" : "plan"] + apply.subject.paths.map(Self.operand)
      + Self.options(apply.connection, apply.selection, apply.changes, apply.planning)
      + Self.option(of: apply.tolerance)
  }

  /// A path that the command line can't take for an option.
  private static func operand(_ path: String) -> String {
    path.hasPrefix("-") ? "./" + path : path
  }

  private static func option(of tolerance: ToleranceOptions) -> [String] {
    let words = tolerance.verdicts.map(\.rawValue)
    return words.isEmpty ? [] : ["--tolerate", words.joined(separator: ",")]
  }

  /// The options of a run that decide what it plans.
  private static func options(
    _ connection: ConnectionOptions, _ selection: SelectionOptions, _ changes: ChangeOptions,
    _ planning: PlanningOptions
  ) -> [String] {
    var words: [String] = []
    if let uri = connection.uri { words += ["-c", uri] }
    words += selection.domains.flatMap { ["--domain", $0] }
    words += selection.selectors.flatMap { ["-l", $0.text] }
    if let old = changes.old { words += ["--changed-from", old] }
    if let shard = selection.shard { words += ["--shard", shard.description] }
    if let allowed = planning.allowed { words += ["--allow", allowed.rawValue] }
    if planning.requireLive { words.append("--require-live") }
    return words
  }

  /// The line for the end of a plan's text.
  var text: ShownText { "Next: \(words.map(\.shellWord).joined(separator: " "))\n" }
}
