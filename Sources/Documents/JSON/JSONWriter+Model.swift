// SPDX-License-Identifier: Apache-2.0
import MemoryModel
import Report

// Writes the model's values in the form that all documents share.
extension JSONWriter {
  /// Writes a field's value; nil as `null`.
  ///
  /// Sizes are written in bytes and durations in seconds. A range is an object, a list of huge
  /// pages is an array, a set of nodes is a string.
  mutating func value(_ value: FieldValue?) {
    switch value {
    case .size(let size): integer(size.bytes)
    case .sizeRange(let range):
      object {
        $0.member("max", range.upperBound.bytes)
        $0.member("min", range.lowerBound.bytes)
      }
    case .seconds(let seconds): integer(seconds)
    case .count(let count): integer(count)
    case .flag(let flag): boolean(flag)
    case .word(let word): string(word)
    case .nodes(let nodes): string(nodes.description)
    case .pages(let pages):
      array(pages) { json, page in
        json.object {
          $0.member("nodeset", page.cells?.description)
          $0.member("size", page.size.bytes)
        }
      }
    case .unlimited: string("unlimited")
    case .absence: string("none")
    case nil: null()
    }
  }

  /// Writes a member that is a field's value.
  mutating func member(_ key: String, _ value: FieldValue?) {
    self.key(key)
    self.value(value)
  }

  /// Writes a member that is a source position; nil as `null`.
  mutating func member(_ key: String, _ position: SourcePosition?) {
    self.key(key)
    guard let position else { return null() }
    object {
      $0.member("column", position.column)
      $0.member("file", position.file)
      $0.member("line", position.line)
    }
  }

  /// Writes a member that is a failure; nil as `null`.
  mutating func member(_ key: String, _ failure: StepFailure?) {
    self.key(key)
    guard let failure else { return null() }
    object {
      $0.member("call", failure.call)
      $0.member("code", failure.code)
      $0.member("domain", failure.domain)
      $0.member("message", failure.message)
    }
  }

  /// Writes changes as an array.
  mutating func changes(_ changes: [Change]) {
    array(changes) { json, change in
      json.object {
        $0.member("field", change.field.description)
        $0.member("from", change.from)
        $0.member("to", change.to)
      }
    }
  }

  /// Writes the result of a step or of a call.
  mutating func result(_ result: StepResult) {
    object {
      $0.member("error", result.failure)
      $0.key("observed")
      $0.object { json in
        for (path, value) in result.observed.sorted(by: { $0.key < $1.key }) {
          json.member(path.description, value)
        }
      }
      if let failure = result.failure { $0.member("rule", failure.rule.name) }
      $0.key("seconds")
      $0.seconds(result.seconds)
      $0.member("status", result.status.rawValue)
    }
  }

  /// Writes a member that is a list of diagnostics.
  mutating func member(_ key: String, _ diagnostics: [Diagnostic]) {
    self.key(key)
    array(diagnostics) { $0.diagnostic($1) }
  }

  /// Writes a diagnostic.
  mutating func diagnostic(_ diagnostic: Diagnostic) {
    object {
      $0.member("detail", diagnostic.detail)
      $0.member("domain", diagnostic.domain)
      $0.member("field", diagnostic.field?.description)
      $0.member("host", diagnostic.host)
      $0.member("remedy", diagnostic.remedy)
      $0.member("rule", diagnostic.rule.name)
      $0.member("severity", diagnostic.severity.rawValue)
      $0.member("source", diagnostic.source)
      $0.member("summary", diagnostic.summary)
    }
  }
}
