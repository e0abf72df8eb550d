// SPDX-License-Identifier: Apache-2.0

internal import CYAML

/// A parsing event of libyaml.
struct YAMLEvent {
  /// The kind of event.
  enum Kind {
    case streamStart, streamEnd, documentStart, documentEnd
    case scalar(YAMLScalar)
    case sequenceStart, sequenceEnd, mappingStart, mappingEnd
    case alias
  }

  let kind: Kind
  let place: YAMLPlace
  /// The name of the anchor, or for an alias the name that it refers to.
  var anchor: String?
  /// Whether the value has a tag.
  var hasTag = false
}

/// A syntax error, in libyaml's words.
struct YAMLSyntaxError: Error {
  /// What is wrong.
  let problem: String
  /// The place of the problem.
  let place: YAMLPlace
  /// What libyaml was reading; empty where it does not say.
  let context: String
  /// The place where that started.
  let contextPlace: YAMLPlace
}

/// A libyaml parser for one document; `yaml_parser_t`.
@safe struct YAMLParser: ~Copyable {
  private let parser: UnsafeMutablePointer<yaml_parser_t>
  private let input: UnsafeMutableBufferPointer<UInt8>
  private let lineOffset: Int

  /// Makes a parser for UTF-8 text whose first line has the number `firstLine`.
  init(_ text: ArraySlice<UInt8>, firstLine: Int) {
    unsafe parser = UnsafeMutablePointer<yaml_parser_t>.allocate(capacity: 1)
    // libyaml reads the text in place for as long as the parser exists, so the parser owns a copy.
    unsafe input = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: text.count)
    _ = unsafe input.initialize(fromContentsOf: text)
    lineOffset = firstLine
    let isReady = unsafe yaml_parser_initialize(parser)
    precondition(isReady == 1, "no memory for a YAML parser")
    unsafe yaml_parser_set_input_string(parser, input.baseAddress, input.count)
    unsafe yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
  }

  deinit {
    unsafe yaml_parser_delete(parser)
    unsafe parser.deallocate()
    unsafe input.deallocate()
  }

  /// The next event; `yaml_parser_parse`.
  func next() throws(YAMLSyntaxError) -> YAMLEvent {
    var event = unsafe yaml_event_t()
    guard unsafe yaml_parser_parse(parser, &event) == 1 else { throw error() }
    defer { unsafe yaml_event_delete(&event) }
    return unsafe translate(event)
  }

  private func translate(_ event: yaml_event_t) -> YAMLEvent {
    let place = unsafe place(event.start_mark)
    switch unsafe event.type {
    case YAML_SCALAR_EVENT:
      let scalar = unsafe event.data.scalar
      let bytes = unsafe UnsafeBufferPointer(start: scalar.value, count: scalar.length)
      let text = unsafe YAMLScalar(
        text: String(decoding: bytes, as: UTF8.self),
        isPlain: scalar.style == YAML_PLAIN_SCALAR_STYLE)
      return unsafe YAMLEvent(
        kind: .scalar(text), place: place, anchor: name(scalar.anchor), hasTag: scalar.tag != nil)
    case YAML_SEQUENCE_START_EVENT:
      let start = unsafe event.data.sequence_start
      return unsafe YAMLEvent(
        kind: .sequenceStart, place: place, anchor: name(start.anchor), hasTag: start.tag != nil)
    case YAML_MAPPING_START_EVENT:
      let start = unsafe event.data.mapping_start
      return unsafe YAMLEvent(
        kind: .mappingStart, place: place, anchor: name(start.anchor), hasTag: start.tag != nil)
    case YAML_ALIAS_EVENT:
      return unsafe YAMLEvent(kind: .alias, place: place, anchor: name(event.data.alias.anchor))
    case YAML_SEQUENCE_END_EVENT: return YAMLEvent(kind: .sequenceEnd, place: place)
    case YAML_MAPPING_END_EVENT: return YAMLEvent(kind: .mappingEnd, place: place)
    case YAML_DOCUMENT_START_EVENT: return YAMLEvent(kind: .documentStart, place: place)
    case YAML_DOCUMENT_END_EVENT: return YAMLEvent(kind: .documentEnd, place: place)
    case YAML_STREAM_START_EVENT: return YAMLEvent(kind: .streamStart, place: place)
    default: return YAMLEvent(kind: .streamEnd, place: place)
    }
  }

  private func error() -> YAMLSyntaxError {
    let state = unsafe parser.pointee
    return unsafe YAMLSyntaxError(
      problem: state.problem.map { unsafe String(cString: $0) } ?? "there is no memory left",
      place: place(state.problem_mark),
      context: state.context.map { unsafe String(cString: $0) } ?? "",
      contextPlace: place(state.context_mark))
  }

  private func place(_ mark: yaml_mark_t) -> YAMLPlace {
    YAMLPlace(line: Int(mark.line) + lineOffset, column: Int(mark.column) + 1)
  }

  private func name(_ anchor: UnsafePointer<yaml_char_t>?) -> String? {
    unsafe anchor.map { unsafe String(cString: $0) }
  }
}
