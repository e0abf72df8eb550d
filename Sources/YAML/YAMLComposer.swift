// SPDX-License-Identifier: Apache-2.0

internal import MemoryModel

/// Builds the values of a YAML document from libyaml's events and enforces the limits.
struct YAMLComposer: ~Copyable {
  /// The errors found so far.
  private(set) var diagnostics: [Diagnostic] = []
  /// How many values the aliases of the file stand for so far.
  private(set) var aliasedValues: Int

  private let parser: YAMLParser
  private let file: String
  private var anchors: [String: Anchor] = [:]

  /// An anchored value, with its number of values and its depth.
  private struct Anchor {
    let node: YAMLNode
    let values: Int
    let depth: Int
  }

  /// The places of the keys of one mapping, to find duplicates.
  private struct KeyPlaces {
    /// The first eight keys; most mappings have no more, and searching them is faster than hashing.
    private var few: [(key: String, place: YAMLPlace)] = []
    private var others: [String: YAMLPlace] = [:]

    init() { few.reserveCapacity(4) }

    /// Adds a key; returns the place of an equal key that was added before, or nil.
    mutating func add(_ key: String, at place: YAMLPlace) -> YAMLPlace? {
      if let first = few.first(where: { $0.key == key })?.place ?? others[key] { return first }
      if few.count < 8 { few.append((key, place)) } else { others[key] = place }
      return nil
    }
  }

  /// An error after which the rest of the document can't be read.
  private struct Unreadable: Error {
    let diagnostic: Diagnostic
  }

  /// Makes a composer for `parser`; `aliasedValues` counts those of the file's earlier documents.
  init(_ parser: consuming YAMLParser, file: String, aliasedValues: Int) {
    self.parser = parser
    self.file = file
    self.aliasedValues = aliasedValues
  }

  /// Appends each document that has a value; false where an error stopped the reading.
  mutating func compose(into documents: inout [YAMLNode]) -> Bool {
    do {
      while true {
        let event = try next()
        switch event.kind {
        case .streamEnd: return true
        case .streamStart, .documentEnd: continue
        case .documentStart: anchors = [:]
        default:
          let root = try node(event, depth: 0)
          if root.scalar != YAMLScalar(text: "", isPlain: true) { documents.append(root) }
        }
      }
    } catch {
      diagnostics.append(error.diagnostic)
      return false
    }
  }

  private func next() throws(Unreadable) -> YAMLEvent {
    do {
      return try parser.next()
    } catch {
      throw Unreadable(diagnostic: error.diagnostic(in: file))
    }
  }

  private mutating func node(_ event: YAMLEvent, depth: Int) throws(Unreadable) -> YAMLNode {
    if event.hasTag { reportTag(at: event.place) }
    let content: YAMLNode.Content
    switch event.kind {
    case .alias: return try aliased(event, depth: depth)
    case .scalar(let scalar): content = .scalar(scalar)
    case .sequenceStart:
      try checkDepth(depth + 1, at: event.place)
      content = .sequence(try sequence(depth: depth + 1))
    default:
      try checkDepth(depth + 1, at: event.place)
      content = .mapping(try mapping(depth: depth + 1))
    }
    let node = YAMLNode(content: content, place: event.place)
    if let anchor = event.anchor {
      let (values, depth) = Self.measure(node)
      anchors[anchor] = Anchor(node: node, values: values, depth: depth)
    }
    return node
  }

  private mutating func sequence(depth: Int) throws(Unreadable) -> [YAMLNode] {
    var nodes: [YAMLNode] = []
    while true {
      let event = try next()
      if case .sequenceEnd = event.kind { return nodes }
      nodes.append(try node(event, depth: depth))
    }
  }

  private mutating func mapping(depth: Int) throws(Unreadable) -> [YAMLEntry] {
    var entries: [YAMLEntry] = []
    entries.reserveCapacity(4)
    var places = KeyPlaces()
    while true {
      let event = try next()
      if case .mappingEnd = event.kind { return entries }
      let key = try node(event, depth: depth)
      let value = try node(try next(), depth: depth)
      guard let scalar = key.scalar else {
        reportKey(key.words, at: event.place)
        continue
      }
      if let first = places.add(scalar.text, at: event.place) {
        reportDuplicate(scalar.text, at: event.place, first: first)
      } else {
        entries.append(YAMLEntry(key: scalar, place: event.place, value: value))
      }
    }
  }

  private mutating func aliased(_ event: YAMLEvent, depth: Int) throws(Unreadable) -> YAMLNode {
    let name = event.anchor ?? ""
    guard let anchor = anchors[name] else {
      throw unreadable(
        .unknownAlias, at: event.place, "the alias *\(Quotation.shortened(name)) has no anchor",
        detail: "An alias stands for a value that ended before it in the same document.",
        remedy: "Put &\(Quotation.shortened(name)) before that value, or quote the text.")
    }
    aliasedValues += anchor.values
    try checkDepth(depth + anchor.depth, at: event.place)
    guard aliasedValues <= YAMLReader.maximumAliasedValues else {
      throw unreadable(
        .tooManyAliases, at: event.place, "the aliases of this file stand for too much",
        detail: "Together they stand for more than \(YAMLReader.maximumAliasedValues) values.",
        remedy: "Use Profiles for what many domains share.")
    }
    return anchor.node
  }

  private static func measure(_ node: YAMLNode) -> (values: Int, depth: Int) {
    let children: [YAMLNode]
    switch node.content {
    case .scalar: return (1, 0)
    case .sequence(let nodes): children = nodes
    case .mapping(let entries): children = entries.map(\.value)
    }
    return children.reduce(into: (1, 1)) { sum, child in
      let (values, depth) = measure(child)
      sum = (sum.0 + values, max(sum.1, depth + 1))
    }
  }
}

extension YAMLComposer {
  private func checkDepth(_ depth: Int, at place: YAMLPlace) throws(Unreadable) {
    guard depth > YAMLReader.maximumDepth else { return }
    throw unreadable(
      .tooDeep, at: place, "lists and mappings are nested deeper than \(YAMLReader.maximumDepth)",
      detail: "No manifest and no plan is; this may be no file of virtmem's.",
      remedy: "Look for brackets or indentation that never close.")
  }

  private mutating func reportTag(at place: YAMLPlace) {
    report(
      .tagNotAllowed, at: place, "a tag such as !!int or !name is not allowed",
      detail: "The kind of a value follows from the field, so tags say nothing here.",
      remedy: "Remove the tag; write a string that looks like a number in quotes.")
  }

  private mutating func reportKey(_ words: String, at place: YAMLPlace) {
    report(
      .invalidKey, at: place, "\(words) can't be a key",
      detail: "Keys are names. In YAML, {{name}} of a template is a mapping as a key.",
      remedy: "Write a name, in quotes if need be.")
  }

  private mutating func reportDuplicate(_ key: String, at place: YAMLPlace, first: YAMLPlace) {
    report(
      .duplicateKey, at: place, "the key \(Quotation.quoted(key)) is here twice",
      detail: "It stands at \(file):\(first.line):\(first.column) already; only one can count.",
      remedy: "Remove one of the two.")
  }

  private mutating func report(
    _ rule: Rule, at place: YAMLPlace, _ summary: String, detail: String, remedy: String
  ) {
    diagnostics.append(
      unreadable(rule, at: place, summary, detail: detail, remedy: remedy).diagnostic)
  }

  private func unreadable(
    _ rule: Rule, at place: YAMLPlace, _ summary: String, detail: String, remedy: String
  ) -> Unreadable {
    Unreadable(
      diagnostic: Diagnostic(
        .error, rule: rule, summary: summary, detail: detail, remedy: remedy,
        source: SourcePosition(file: file, line: place.line, column: place.column)))
  }
}
