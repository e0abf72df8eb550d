// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Documents
import MemoryModel
import Platform
import Report

/// A format of standard output.
///
/// For a new format, add a case here and a file with its rendering. The compiler then asks for the
/// rendering only in ``Presentation/rendered(_:in:_:)``.
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

  /// Renders a document in a format; `end` is what reports say of the run.
  fileprivate func rendered(_ document: Document, in format: Format, _ end: RunEnd) -> Rendered {
    let report = ReportRendering(presentation: self, end: end)
    return switch format {
    case .human: HumanRendering(presentation: self).rendered(document)
    case .json: JSONRendering(created: end.time).rendered(document)
    case .markdown: report.rendered(document) { MarkdownReport($0).bytes }
    case .html: report.rendered(document) { HTMLReport($0).bytes }
    case .junit: report.rendered(document) { JUnitReport($0).bytes }
    case .sarif:
      report.rendered(document) { SARIFDocument.bytes(of: $0, version: Virtmem.version) }
    case .github: report.rendered(document) { GitHubReport($0).bytes }
    case .gitlab: report.rendered(document) { GitLabQualityDocument.bytes(of: $0) }
    case .gitlabTerraform:
      report.rendered(document) { GitLabTerraformDocument.bytes(of: $0) }
    case .prometheus: report.rendered(document) { PrometheusReport($0).bytes }
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
    let rendered = presentation.rendered(document, in: presentation.format, end)
    if !rendered.messages.isEmpty { error.write(rendered.messages) }
    if !rendered.data.isEmpty {
      (presentation.hasReportOnOutput ? error : output).write(document: rendered.data)
    }
    var statuses: Set<ExitStatus> = []
    for report in presentation.reports {
      let data = presentation.rendered(document, in: report.format, end).data
      if !data.isEmpty && !write(data, as: report) { statuses.insert(.failed) }
    }
    return statuses
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
