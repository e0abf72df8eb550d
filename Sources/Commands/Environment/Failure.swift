// SPDX-License-Identifier: Apache-2.0

import Documents
import MemoryModel
import Report

/// The reason why a command can't go on: what standard error says, and the status.
struct Failure: Error {
  /// What is wrong and what to do; empty where ``diagnostics`` say it.
  private let message: ShownText
  let status: ExitStatus
  /// The mistakes of the input, which documents have too; empty for other failures.
  let diagnostics: [Diagnostic]

  /// Makes a failure with one message that is no mistake of the input.
  init(_ message: ShownText, _ status: ExitStatus) {
    self.message = message
    self.status = status
    diagnostics = []
  }

  /// Makes the failure of invalid input, which `diagnostics` explain.
  init(invalid diagnostics: [Diagnostic]) {
    message = ""
    status = .invalid
    self.diagnostics = diagnostics
  }

  /// Makes the failure of input that is invalid as a whole, or at one place.
  init(
    invalid summary: String, detail: String = "", remedy: String, at source: SourcePosition? = nil
  ) {
    self.init(invalid: [
      Diagnostic(
        .error, rule: .invalidInput, summary: summary, detail: detail, remedy: remedy,
        source: source)
    ])
  }

  /// The text for a stream with this style.
  func text(style: Style) -> ShownText {
    guard diagnostics.isEmpty else { return DiagnosticReport(style: style).text(diagnostics) }
    return ("error: " + message).wrapped(to: style.width, indent: 2).map { "\($0)\n" }.joined()
  }
}
