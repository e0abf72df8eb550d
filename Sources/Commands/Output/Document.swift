// SPDX-License-Identifier: Apache-2.0

import Documents
import MemoryModel
import Report

/// A result that a command shows.
enum Document {
  /// The result of `plan` and `drift`.
  case plan(Plan)
  /// A plan that `apply` is about to perform.
  case proposal(Plan)
  /// A plan that the user did not approve; standard output has it as text already.
  case refusedProposal(ApplyReport)
  /// The result of `apply`.
  case applyReport(ApplyReport)
  /// The age and the id of a saved plan that `apply` is about to perform.
  case savedPlanHeader(SavedPlan)
  /// The result of `show`.
  case savedPlan(SavedPlan)
  /// The result of `validate`.
  case validation(DesiredState, [Diagnostic])
  /// The mistakes of the input because of which a command did not run; standard error has them as
  /// text.
  case mistakes([Diagnostic])
  /// The result of `export`, one text a domain.
  case manifests([String])
  /// The result of `observe`.
  case snapshot(Snapshot)
  /// The result of `schema`.
  case schema(SchemaSubject)
  /// The result of `explain`.
  case explanation(String)
}

/// A document in one format, ready to be written.
struct Rendered {
  /// The text for standard error, which is written first.
  var messages: ShownText = ""
  /// The bytes for standard output.
  var data: [UInt8] = []

  /// Makes a rendering of bytes.
  init(data: [UInt8] = [], messages: ShownText = "") {
    self.data = data
    self.messages = messages
  }

  /// Makes a rendering of text.
  init(text: ShownText, messages: ShownText = "") {
    self.init(data: Array(text.description.utf8), messages: messages)
  }

  /// The manifests of `export` as one YAML stream.
  static func manifests(_ manifests: [String]) -> Rendered {
    Rendered(data: Array(manifests.joined(separator: "---\n").utf8))
  }

  /// The text of `explain`, on lines that end before column `width`.
  static func explanation(_ text: String, width: Int?) -> Rendered {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).flatMap { line in
      ShownText(lines: String(line)).wrapped(to: width, indent: column(of: line))
    }
    return Rendered(text: lines.joined(separator: "\n"))
  }

  /// The column in which a line goes on: that of its second column, or two more than its own.
  private static func column(of line: Substring) -> Int {
    let start = line.prefix { $0 == " " }.count
    guard let gap = line.dropFirst(start).firstRange(of: "  ") else { return start }
    let second = line[gap.lowerBound...].firstIndex { $0 != " " } ?? line.endIndex
    let column = line.distance(from: line.startIndex, to: second)
    return column <= 44 ? column : start + 2
  }
}
