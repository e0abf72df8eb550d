// SPDX-License-Identifier: Apache-2.0

internal import MemoryModel
internal import YAML

/// A mistake in a JSON document, with its place.
///
/// The rule that it breaks and the remedy depend on the document.
struct JSONMistake: Error {
  /// What is wrong.
  enum Kind {
    /// The text ends inside a string.
    case unclosedString
    /// A comma or this bracket is missing.
    case unclosed(Character)
    /// Objects and arrays are nested too deep.
    case tooDeep
    /// The text is not JSON; in words.
    case notJSON(String)
    /// The text is not what ``JSONWriter`` writes, though it may be JSON; in words.
    case notAsWritten(String)
    /// The value has another type than the expected one.
    case wrongType(ExpectedType, found: JSONKind)
    /// The number with this text does not fit its type.
    case numberOutOfRange(String)
    /// The object lacks the member with this key.
    case missingMember(String)
    /// This version knows no such member, or not at this place.
    case unknownMember
    /// The object has the member with this key already.
    case duplicateMember(String)
    /// The value is not allowed here; in words.
    case invalidValue(String)
    /// virtmem must not connect to the URI.
    case refusedURI(URIRefusal)
    /// The document breaks a rule of its own kind of documents.
    case document(Rule, summary: String, remedy: String)
  }

  /// A type of values, with its article.
  enum ExpectedType: String {
    case object = "an object"
    case array = "an array"
    case string = "a string"
    case wholeNumber = "a whole number"
    case seconds = "a number of seconds"
    case boolean = "true or false"
  }

  /// What is wrong.
  let kind: Kind
  /// The offset in the file.
  let offset: Int

  /// Makes a mistake.
  init(_ kind: Kind, at offset: Int) {
    self.kind = kind
    self.offset = offset
  }
}

extension JSONMistake.Kind {
  /// What is wrong, in words.
  var summary: String {
    switch self {
    case .unclosedString: "this quote is never closed"
    case .unclosed(let bracket): "a ',' or '\(bracket)' is missing"
    case .tooDeep: "objects and arrays are nested deeper than \(JSONParser.maximumDepth)"
    case .notJSON(let problem): "this is not JSON: \(problem)"
    case .wrongType(let expected, let found):
      "\(expected.rawValue) belongs here, not \(found.words)"
    case .numberOutOfRange(let number): "\(Quotation.quoted(number)) is out of range"
    case .missingMember(let key): "the member \(key) is missing"
    case .unknownMember: "this version knows no such member"
    case .duplicateMember(let key): "the key \(Quotation.quoted(key)) is here twice"
    case .notAsWritten(let summary), .invalidValue(let summary): summary
    case .refusedURI(let refusal): refusal.summary
    case .document(_, let summary, _): summary
    }
  }
}

extension YAMLSource {
  /// The line and the column of the byte at `offset`.
  func position(of offset: Int) -> SourcePosition {
    let before = bytes[..<min(offset, bytes.count)]
    let lineStart = before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
    return SourcePosition(
      file: file, line: before.count { $0 == UInt8(ascii: "\n") } + 1,
      column: String(decoding: before[lineStart...], as: UTF8.self).unicodeScalars.count + 1)
  }
}
