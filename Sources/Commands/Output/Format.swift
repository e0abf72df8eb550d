// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import MemoryModel
import Report

/// A format of standard output.
///
/// For a new format, add a case here and a file with its rendering. The compiler then asks for the
/// rendering only in ``Presentation/rendered(_:created:)``.
enum Format: String, ExpressibleByArgument, CaseIterable {
  case human
  case json
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

  /// A plan as text.
  func text(_ plan: Plan) -> ShownText {
    PlanReport(style: outputStyle, detail: detail).text(plan)
  }

  /// Renders a document in the run's format; `created` is the time for documents that name one.
  func rendered(_ document: Document, created: String) -> Rendered {
    switch format {
    case .human: HumanRendering(presentation: self).rendered(document)
    case .json: JSONRendering(created: created).rendered(document)
    }
  }
}

extension Environment {
  /// Renders a document and writes it to the streams.
  func show(_ document: Document, as presentation: Presentation = Presentation()) {
    let rendered = presentation.rendered(document, created: timestamp())
    if !rendered.messages.isEmpty { error.write(rendered.messages) }
    if !rendered.data.isEmpty { output.write(document: rendered.data) }
  }
}
