// SPDX-License-Identifier: Apache-2.0

internal import MemoryModel
internal import YAML

/// A value or a key of a ``JSONText``.
///
/// It is decoded by the functions that follow; each throws if the value is another one.
struct JSONValue {
  private let text: JSONText
  private let index: Int

  /// Makes the value of the token at `index`.
  init(_ text: JSONText, at index: Int) {
    self.text = text
    self.index = index
  }

  /// The kind of the value.
  var kind: JSONKind { text.tokens[index].kind }

  /// Whether the value is `null`.
  var isNull: Bool { kind == .null }

  /// The offset of the first byte.
  var start: Int { Int(text.tokens[index].start) }

  /// The offset after the last byte.
  var end: Int { Int(text.tokens[index].end) }

  /// A scalar: the content of a string, else as written; nil for an object, an array and a string
  /// that virtmem would not write.
  var scalar: String? {
    switch kind {
    case .object, .array: nil
    // Undecoded, a password could hide from the functions that hide passwords.
    case .string: try? string()
    case .number, .boolean, .null: String(decoding: text.bytes[start..<end], as: UTF8.self)
    }
  }

  /// Whether the value is the string `word`, written without escapes.
  func isString(_ word: String) -> Bool {
    text.isString(word, at: index)
  }

  /// The mistake of kind `kind` at this value.
  func mistake(_ kind: JSONMistake.Kind) -> JSONMistake { JSONMistake(kind, at: start) }

  /// The mistake for a value that is not allowed here.
  func invalid(_ summary: String) -> JSONMistake { mistake(.invalidValue(summary)) }

  private func mistyped(_ expected: JSONMistake.ExpectedType) -> JSONMistake {
    mistake(.wrongType(expected, found: kind))
  }
}

// Objects and arrays.
extension JSONValue {
  /// The members of an object.
  func members() throws(JSONMistake) -> JSONMembers {
    guard kind == .object else { throw mistyped(.object) }
    return JSONMembers(text, at: index)
  }

  /// The members of an object that must have exactly the keys `keys`.
  func members(_ keys: [String]) throws(JSONMistake) -> JSONObject {
    try JSONObject(self, keys)
  }

  /// Whether the value is an object with the member `key`.
  func has(_ key: String) -> Bool {
    kind == .object && JSONMembers(text, at: index).contains { $0.key.isString(key) }
  }

  /// The elements of an array.
  func elements() throws(JSONMistake) -> [JSONValue] {
    guard kind == .array else { throw mistyped(.array) }
    var elements: [JSONValue] = []
    var next = index + 1
    while next < text.tokens[index].next {
      elements.append(JSONValue(text, at: next))
      next = Int(text.tokens[next].next)
    }
    return elements
  }

  /// The elements of an array that has some.
  ///
  /// - Throws: a mistake for an empty array, which virtmem leaves out where it may.
  func someElements() throws(JSONMistake) -> [JSONValue] {
    let elements = try elements()
    if elements.isEmpty { throw mistake(.notAsWritten("virtmem writes no empty array here")) }
    return elements
  }

  /// The elements of an array, each converted by `read`.
  func elements<Value>(
    _ read: (JSONValue) throws(JSONMistake) -> Value
  ) throws(JSONMistake) -> [Value] {
    try elements().map(read)
  }

  /// An array of strings.
  func strings() throws(JSONMistake) -> [String] {
    try elements { (element) throws(JSONMistake) in try element.string() }
  }

  /// The value, converted by `read`; nil for `null`.
  func unlessNull<Value>(
    _ read: (JSONValue) throws(JSONMistake) -> Value
  ) throws(JSONMistake) -> Value? {
    isNull ? nil : try read(self)
  }
}

// Scalars.
extension JSONValue {
  /// A string.
  func string() throws(JSONMistake) -> String {
    guard kind == .string else { throw mistyped(.string) }
    let content = text.bytes[start + 1..<end - 1]
    guard let string = String(validating: content, as: UTF8.self) else {
      throw mistake(.notAsWritten("the string is not UTF-8"))
    }
    return content.contains(UInt8(ascii: "\\")) ? try unescaped(string) : string
  }

  /// A string; nil for `null`.
  func optionalString() throws(JSONMistake) -> String? {
    isNull ? nil : try string()
  }

  /// The string with its escapes replaced, which must be those that ``JSONWriter`` writes.
  private func unescaped(_ string: String) throws(JSONMistake) -> String {
    var result = String.UnicodeScalarView()
    var rest = string.unicodeScalars[...]
    while let scalar = rest.popFirst() {
      result.append(scalar == "\\" ? try escaped(&rest) : scalar)
    }
    return String(result)
  }

  private func escaped(
    _ rest: inout Substring.UnicodeScalarView
  ) throws(JSONMistake) -> Unicode.Scalar {
    switch rest.popFirst() {
    case "\"": return "\""
    case "\\": return "\\"
    case "n": return "\n"
    case "t": return "\t"
    case "r": return "\r"
    case "u": if let scalar = Self.escapedScalar(&rest) { return scalar }
    default: break
    }
    throw mistake(.notAsWritten("the string has an escape that virtmem does not write"))
  }

  /// The character whose code begins `rest`, behind `\u`; two codes for a surrogate pair.
  private static func escapedScalar(
    _ rest: inout Substring.UnicodeScalarView
  ) -> Unicode.Scalar? {
    guard let unit = codeUnit(&rest) else { return nil }
    guard UTF16.isLeadSurrogate(unit) else { return Unicode.Scalar(unit) }
    guard rest.popFirst() == "\\", rest.popFirst() == "u", let trail = codeUnit(&rest),
      UTF16.isTrailSurrogate(trail)
    else { return nil }
    return String(decoding: [unit, trail], as: UTF16.self).unicodeScalars.first
  }

  private static func codeUnit(_ rest: inout Substring.UnicodeScalarView) -> UInt16? {
    let digits = String(String.UnicodeScalarView(rest.prefix(4)))
    rest = rest.dropFirst(4)
    guard digits.utf8.count == 4, !digits.utf8.contains(0x2B), !digits.utf8.contains(0x2D) else {
      return nil
    }
    return UInt16(digits, radix: 16)
  }

  /// The case of `Choice` whose raw value is the string.
  func word<Choice: RawRepresentable<String>>() throws(JSONMistake) -> Choice {
    try parsed(Choice.init)
  }

  /// The string, converted by `make`; a mistake if `make` returns nil.
  func parsed<Value>(_ make: (String) -> Value?) throws(JSONMistake) -> Value {
    let string = try string()
    guard let value = make(string) else {
      throw invalid("this version knows no \(Quotation.quoted(string)) here")
    }
    return value
  }

  /// A URI that virtmem may connect to.
  func uri() throws(JSONMistake) -> String {
    let string = try string()
    guard let refusal = URIRefusal(of: string) else { return string }
    throw mistake(.refusedURI(refusal))
  }

  /// A whole number that fits `Number`.
  func integer<Number: FixedWidthInteger>() throws(JSONMistake) -> Number {
    guard kind == .number, let written = scalar else { throw mistyped(.wholeNumber) }
    guard isWholeNumber else {
      throw invalid("a whole number belongs here, not \(Quotation.quoted(written))")
    }
    let digits = written.utf8.dropFirst(written.hasPrefix("-") ? 1 : 0)
    guard digits.first != 0x30 || written.utf8.count == 1 else {
      throw mistake(.notAsWritten("virtmem writes no number in this way"))
    }
    guard let number = Number(written) else { throw mistake(.numberOutOfRange(written)) }
    return number
  }

  /// Whether the value is a number without a fraction and an exponent.
  var isWholeNumber: Bool {
    guard kind == .number else { return false }
    let sign = text.bytes[start] == UInt8(ascii: "-") ? 1 : 0
    let digits = text.bytes[(start + sign)..<end]
    return !digits.isEmpty && digits.allSatisfy { (0x30...0x39).contains($0) }
  }

  /// A size in bytes.
  func size() throws(JSONMistake) -> MemorySize { MemorySize(bytes: try integer()) }

  /// A number of seconds, to the millisecond.
  func seconds() throws(JSONMistake) -> Double {
    guard kind == .number, let seconds = scalar.flatMap(Double.init) else {
      throw mistyped(.seconds)
    }
    return seconds
  }

  /// A boolean.
  func boolean() throws(JSONMistake) -> Bool {
    guard kind == .boolean else { throw mistyped(.boolean) }
    return end - start == 4
  }
}
