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

/// Renders a document in the formats for other programs; a document without such a form keeps its
/// only form.
struct ReportRendering {
  /// What all formats report; nil for a document that is no result of a run.
  private let report: RunReport?
  private let document: Document

  init(of document: Document, as presentation: Presentation, _ end: RunEnd) {
    self.document = document
    report =
      switch document {
      case .plan(let plan): RunReport(.plan(plan), as: presentation, end)
      case .applyReport(let report), .refusedProposal(let report):
        RunReport(.applied(report), as: presentation, end)
      case .savedPlan(let saved): RunReport(of: saved, as: presentation, end)
      case .validation(_, let diagnostics), .mistakes(let diagnostics):
        RunReport(.diagnostics(diagnostics), as: presentation, end)
      case .proposal, .savedPlanHeader, .manifests, .snapshot, .schema, .explanation: nil
      }
  }

  /// The document, with the bytes that `render` makes of a report.
  func rendered(_ render: (RunReport) -> [UInt8]) -> Rendered {
    if let report { return Rendered(data: render(report)) }
    return switch document {
    case .manifests(let manifests): .manifests(manifests)
    case .snapshot(let snapshot): Rendered(data: snapshot.bytes)
    case .schema(let subject): Rendered(data: subject.schema)
    case .explanation(let text): .explanation(text, width: nil)
    // Standard output is for the report that follows.
    default: Rendered()
    }
  }
}

extension RunReport {
  fileprivate init(_ result: Result, as presentation: Presentation, _ end: RunEnd) {
    self.init(
      of: presentation.command, named: presentation.runName, shard: presentation.shard, result,
      status: end.status.rawValue,
      time: end.time, secondsSince1970: Timestamp.secondsSince1970(end.time),
      duration: end.duration, root: end.root, detail: presentation.detail)
  }

  /// The report of the run that saved a document, as that run made it.
  fileprivate init(of saved: SavedPlan, as presentation: Presentation, _ end: RunEnd) {
    self.init(saved.report.map { .applied($0) } ?? .plan(saved.plan), as: presentation, end)
    command = saved.plan.kind.rawValue
    time = saved.created
    secondsSince1970 = Timestamp.secondsSince1970(saved.created)
    duration = nil
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
