// SPDX-License-Identifier: Apache-2.0

import MemoryModel
import Report

/// The reason why a command can't go on: the text for standard error, and the status.
struct Failure: Error {
  let text: ShownText
  let status: ExitStatus

  /// Makes a failure with one message.
  init(_ message: ShownText, _ status: ExitStatus) {
    text = "error: \(message)\n"
    self.status = status
  }

  /// Makes the failure of invalid input, which `diagnostics` explain.
  init(invalid diagnostics: [Diagnostic], _ style: Style) {
    text = DiagnosticReport(style: style).text(diagnostics)
    status = .invalid
  }
}
