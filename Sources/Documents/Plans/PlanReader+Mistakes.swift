// SPDX-License-Identifier: Apache-2.0

internal import MemoryModel
internal import YAML

// What virtmem tells the user about a mistake in a plan's file.
extension PlanReader {
  /// What to do about a plan that is not as it was saved.
  static let savedAnew = "Save the plan anew with virtmem plan --out; a plan is not edited."
  /// What to do about a file that is no plan.
  static let otherFile = "Name a file that virtmem plan --out has saved."
  /// What to do about a plan that another version wrote.
  static let otherVersion = "Use the virtmem that saved it, or save the plan anew."

  /// The diagnostic for `mistake`, which is in the member or element called `name`.
  ///
  /// If the file is no text at all, that is reported instead.
  static func diagnostic(
    of mistake: JSONMistake, in source: YAMLSource, name: String? = nil
  ) -> Diagnostic {
    if let flaw = YAMLReader.flaw(of: source) {
      return Diagnostic(
        .error, rule: flaw.rule, summary: flaw.summary, detail: broken, remedy: savedAnew,
        source: flaw.source)
    }
    var diagnostic = diagnostic(of: mistake.kind)
    if let name, !name.isEmpty, !mistake.isOfSyntax {
      diagnostic.summary = "\(name): \(diagnostic.summary)"
    }
    diagnostic.source = source.position(of: mistake.offset)
    return diagnostic
  }

  /// The detail for a file that is no JSON.
  private static let broken = "The file may be cut off, or was edited."

  private static func diagnostic(of kind: JSONMistake.Kind) -> Diagnostic {
    func error(_ rule: Rule, detail: String = "", remedy: String = savedAnew) -> Diagnostic {
      Diagnostic(.error, rule: rule, summary: kind.summary, detail: detail, remedy: remedy)
    }
    return switch kind {
    case .unclosedString, .unclosed, .notJSON: error(.syntax, detail: broken)
    case .tooDeep: error(.tooDeep, detail: broken)
    case .duplicateMember: error(.duplicateKey, detail: broken)
    case .notAsWritten: error(.alteredPlan)
    case .wrongType: error(.wrongType)
    case .missingMember: error(.missingField)
    case .unknownMember: error(.unknownField, remedy: otherVersion)
    case .numberOutOfRange, .invalidValue: error(.invalidValue)
    case .refusedURI(let refusal):
      error(.refusedURI, detail: refusal.detail, remedy: URIRefusal.remedy)
    case .document(let rule, _, let remedy): error(rule, remedy: remedy)
    }
  }
}

extension JSONMistake {
  /// Whether the text is no JSON in which every member has a name of its own.
  fileprivate var isOfSyntax: Bool {
    switch kind {
    case .unclosedString, .unclosed, .notJSON, .tooDeep, .duplicateMember: true
    default: false
    }
  }
}

extension JSONValue {
  /// The path of the key or value at `offset`, such as `domains[0].steps[2].plane`; nil if none
  /// begins there.
  func name(of offset: Int, prefix: String = "") -> String? {
    guard start != offset else { return prefix }
    guard (start..<end).contains(offset) else { return nil }
    for (index, element) in ((try? elements()) ?? []).enumerated() {
      if let name = element.name(of: offset, prefix: "\(prefix)[\(index)]") { return name }
    }
    guard var members = try? members() else { return nil }
    while let (key, value) = members.next() {
      let member = Quotation.shortened(key.scalar ?? "")
      let path = prefix.isEmpty ? member : "\(prefix).\(member)"
      if key.start == offset { return path }
      if let name = value.name(of: offset, prefix: path) { return name }
    }
    return nil
  }
}
