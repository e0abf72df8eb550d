// SPDX-License-Identifier: Apache-2.0

import Documents
import MemoryModel
import Platform
import Report

/// What reports say of a run besides its result.
struct RunEnd {
  var status: ExitStatus
  /// The time of day at the end (RFC 3339).
  var time: String
  /// How long the run took.
  var duration: Duration
  /// The root to which paths are relative.
  var root: SourceRoot
}

/// Renders documents in the formats for other programs; a document without such a form keeps its
/// only form.
struct ReportRendering {
  let presentation: Presentation
  let end: RunEnd

  /// Renders a document; `render` makes the bytes of one format.
  func rendered(_ document: Document, _ render: (RunReport) -> [UInt8]) -> Rendered {
    switch document {
    case .plan(let plan): Rendered(data: render(report(.plan(plan))))
    case .applyReport(let report), .refusedProposal(let report):
      Rendered(data: render(self.report(.applied(report))))
    // Standard output is for the report that follows.
    case .proposal, .savedPlanHeader: Rendered()
    case .savedPlan(let saved): Rendered(data: render(report(of: saved)))
    case .validation(_, let diagnostics), .mistakes(let diagnostics):
      Rendered(data: render(report(.diagnostics(diagnostics))))
    case .manifests(let manifests): .manifests(manifests)
    case .snapshot(let snapshot): Rendered(data: snapshot.bytes)
    case .schema(let subject): Rendered(data: subject.schema)
    case .explanation(let text): .explanation(text, width: nil)
    }
  }

  private func report(_ result: RunReport.Result) -> RunReport {
    RunReport(
      of: presentation.command, named: presentation.runName, shard: presentation.shard, result,
      status: end.status.rawValue,
      time: end.time, secondsSince1970: Timestamp.secondsSince1970(end.time),
      duration: end.duration, root: end.root, detail: presentation.detail)
  }

  /// The report of the run that saved a document, as that run made it.
  private func report(of saved: SavedPlan) -> RunReport {
    var report = report(saved.report.map { .applied($0) } ?? .plan(saved.plan))
    report.command = saved.plan.kind.rawValue
    report.time = saved.created
    report.secondsSince1970 = Timestamp.secondsSince1970(saved.created)
    report.duration = nil
    return report
  }
}

extension SourceRoot {
  /// The root of the git work tree that the process runs in, else the folder of the CI job, else the
  /// folder of the process.
  init(in environment: Environment) {
    guard let folder = try? FileBytes.resolved(".") else {
      self.init()
      return
    }
    var roots: [String] = []
    var parts = folder.split(separator: "/")
    while true {
      let candidate = "/" + parts.joined(separator: "/")
      if !FileBytes.isMissing(candidate + "/.git") { roots.append(candidate) }
      guard roots.isEmpty, parts.popLast() != nil else { break }
    }
    let named = ["GITHUB_WORKSPACE", "CI_PROJECT_DIR"].compactMap(environment.variable)
      .filter { $0.hasPrefix("/") }
    roots += named.flatMap { [$0] + [try? FileBytes.resolved($0)].compactMap(\.self) }
    self.init(folder: folder, roots: roots + [folder])
  }
}
