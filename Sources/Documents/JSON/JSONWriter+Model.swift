// SPDX-License-Identifier: Apache-2.0
import MemoryModel

// The model's values as every document writes them.
extension JSONWriter {
  /// Writes a field's value: bytes, seconds, a count, a truth value, a word, a range's
  /// bounds, or a list of huge pages; nil as `null`.
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

  /// Writes a member that is a place in a file; nil as `null`.
  mutating func member(_ key: String, _ position: SourcePosition?) {
    self.key(key)
    guard let position else { return null() }
    object {
      $0.member("column", position.column)
      $0.member("file", position.file)
      $0.member("line", position.line)
    }
  }

  /// Writes a member that is an error; nil as `null`.
  mutating func member(_ key: String, _ error: HypervisorError?) {
    self.key(key)
    guard let error else { return null() }
    object {
      $0.member("call", error.call)
      $0.member("code", error.code)
      $0.member("domain", error.domain)
      $0.member("message", error.message)
    }
  }

  /// Writes the member `diagnostics`.
  mutating func member(_ key: String, _ diagnostics: [Diagnostic]) {
    self.key(key)
    array(diagnostics) { $0.diagnostic($1) }
  }

  private mutating func diagnostic(_ diagnostic: Diagnostic) {
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
