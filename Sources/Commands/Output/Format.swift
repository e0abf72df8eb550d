// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Basics
import Documents
import MemoryModel
import Platform
import Report
import Synchronization

/// A format of standard output.
///
/// For a new format, add a case here and a file with its rendering. The compiler then asks for the
/// rendering only in ``Presentation/rendered(_:in:_:_:)``.
enum Format: String, ExpressibleByArgument, CaseIterable {
  case human
  case json
  case markdown
  case html
  case junit
  case sarif
  case github
  case gitlab
  case gitlabTerraform = "gitlab-terraform"
  case prometheus

  /// The formats of documents, which `--report` takes.
  static let ofReports = allCases.filter { $0 != .human }
}

/// The way in which a run shows its documents.
struct Presentation {
  var format = Format.human
  /// The style of text on standard output.
  var outputStyle = Style()
  /// The style of text on standard error.
  var errorStyle = Style()
  /// How much of a plan is shown as text.
  var detail = PlanReport.Detail.differences
  /// Whether the user wants no messages but errors.
  var isQuiet = false
  /// The files that get each result too.
  var reports: [ReportArgument] = []
  /// The name of the command.
  var command = ""
  /// The user's name of the run; nil for the name of the command.
  var runName: String?
  /// The number of the run's part of the hosts; nil for a run on all hosts.
  var shard: Int?

  /// Whether a report has standard output, so that the text goes to standard error.
  var hasReportOnOutput: Bool { reports.contains(where: \.isOnStandardOutput) }

  /// A plan as text; where the user wants none but what has to be reported, one line a domain.
  func text(_ plan: Plan) -> ShownText {
    isQuiet
      ? BriefReport(style: outputStyle).text(plan)
      : PlanReport(style: outputStyle, detail: detail).text(plan)
  }

  /// Renders a document in a format; `report` is the document for formats of reports.
  fileprivate func rendered(
    _ document: Document, in format: Format, _ report: ReportRendering, _ end: RunEnd
  ) -> Rendered {
    switch format {
    case .human: HumanRendering(presentation: self).rendered(document)
    case .json: JSONRendering(created: end.time).rendered(document)
    case .markdown: report.rendered { MarkdownReport($0).bytes }
    case .html: report.rendered { HTMLReport($0).bytes }
    case .junit: report.rendered { JUnitReport($0).bytes }
    case .sarif: report.rendered { SARIFDocument.bytes(of: $0, version: Virtmem.version) }
    case .github: report.rendered { GitHubReport($0).bytes }
    case .gitlab: report.rendered { GitLabQualityDocument.bytes(of: $0) }
    case .gitlabTerraform: report.rendered { GitLabTerraformDocument.bytes(of: $0) }
    case .prometheus: report.rendered { PrometheusReport($0).bytes }
    }
  }
}

extension Environment {
  /// Renders a document and writes it to the streams, and into the files of the run's reports.
  ///
  /// `status` is the status of the run, which reports name. The function returns
  /// ``ExitStatus/failed`` if a file could not be written, and says so on standard error.
  @discardableResult
  func show(
    _ document: Document, as presentation: Presentation = Presentation(),
    endingWith status: ExitStatus = .done
  ) -> Set<ExitStatus> {
    // All forms of one result have one time.
    let end = RunEnd(
      status: status, time: timestamp(), duration: elapsed,
      root: SourceRoot(in: self))
    let report = ReportRendering(of: document, as: presentation, end)
    // Each format needs a good part of the time of a plan, so all processors make them.
    let targets = [ReportArgument?.none] + presentation.reports
    let hasLost = Atomic(false)
    targets.concurrentParts(of: 1) { part in
      part.map { target in
        let format = target?.format ?? presentation.format
        return (target, presentation.rendered(document, in: format, report, end))
      }
    } inOrder: { part in
      for (target, rendered) in part
      where !write(rendered, as: target, beside: presentation) {
        hasLost.store(true, ordering: .relaxed)
      }
    }
    return hasLost.load(ordering: .relaxed) ? [.failed] : []
  }

  /// Writes a result to the streams, or as a report; false if that failed.
  private func write(
    _ rendered: Rendered, as report: ReportArgument?, beside presentation: Presentation
  ) -> Bool {
    if let report { return rendered.data.isEmpty || write(rendered.data, as: report) }
    if !rendered.messages.isEmpty { error.write(rendered.messages) }
    if !rendered.data.isEmpty {
      (presentation.hasReportOnOutput ? error : output).write(document: rendered.data)
    }
    return true
  }

  /// Writes a report; false if that failed.
  private func write(_ data: [UInt8], as report: ReportArgument) -> Bool {
    guard !report.isOnStandardOutput else {
      output.write(document: data)
      return true
    }
    do throws(FileError) {
      try OutputFile.write(data, to: report.path)
      return true
    } catch {
      self.error.write("error: \(error.message)\n")
      return false
    }
  }
}
