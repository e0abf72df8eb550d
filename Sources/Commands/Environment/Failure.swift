// SPDX-License-Identifier: Apache-2.0

import MemoryModel
import Report

/// The reason why a command can't go on: the text for standard error, and the status.
struct Failure: Error {
  /// One message, or the text of diagnostics, whose lines fit the terminal already.
  private let text: ShownText
  private let isOneMessage: Bool
  let status: ExitStatus
  /// The mistakes of the input, for documents; empty for other failures.
  let diagnostics: [Diagnostic]

  /// Makes a failure with one message.
  init(_ message: ShownText, _ status: ExitStatus) {
    text = "error: \(message)"
    isOneMessage = true
    self.status = status
    diagnostics = []
  }

  /// Makes the failure of invalid input, which `diagnostics` explain.
  init(invalid diagnostics: [Diagnostic], _ style: Style) {
    text = DiagnosticReport(style: style).text(diagnostics)
    isOneMessage = false
    status = .invalid
    self.diagnostics = diagnostics
  }

  /// The text for a terminal of `width` columns; nil for a stream that is none.
  func text(width: Int?) -> ShownText {
    isOneMessage ? text.wrapped(to: width, indent: 2).map { "\($0)\n" }.joined() : text
  }
}
