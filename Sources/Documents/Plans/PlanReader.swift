// SPDX-License-Identifier: Apache-2.0

internal import Platform
package import YAML
package import MemoryModel

/// A plan that virtmem read back from a file.
package struct SavedPlan: Hashable, Sendable {
  /// What `apply` did of the plan; nil if the document is no report of an apply.
  package let report: ApplyReport?
  /// The plan, without the hosts' memory, which the document does not contain.
  package let plan: Plan
  /// The time at which the plan was made, from the member `created` (RFC 3339).
  package let created: String
  /// The plan's identifier: `sha256:` followed by the hash of the document's content.
  package let id: String
}

/// The reason why virtmem does not accept a file as a plan.
package struct InvalidPlan: Error, Hashable, Sendable {
  /// The mistake, its place in the file, and the remedy.
  package let diagnostic: Diagnostic
}

/// Reads saved plans, and rejects a file that is not byte for byte what ``PlanDocument`` writes.
///
/// This check detects accidents, such as a truncated or edited file, but not deliberate forgery.
package enum PlanReader {
  /// The maximum size of a plan file: 1 GiB, in bytes.
  package static let maximumSize = 1 << 30

  private static let format = "virtmem/plan/v1alpha1"

  /// The plan in the file at `path`, or on standard input for `-`; its rules as `catalogue` has them.
  ///
  /// - Throws: ``InvalidPlan`` with the first mistake, or if the file can't be read.
  package static func read(
    path: String, knowing catalogue: [Rule]
  ) throws(InvalidPlan) -> SavedPlan {
    let source: YAMLSource
    do throws(UnreadableFile) {
      source = try ManifestFiles.read(file: path, limit: maximumSize)
    } catch {
      throw InvalidPlan(diagnostic: error.diagnostic)
    }
    return try read(source, knowing: catalogue)
  }

  /// The plan that `source` holds; of a rule that `catalogue` lacks only the name is known.
  ///
  /// - Throws: ``InvalidPlan`` with the first mistake.
  package static func read(
    _ source: YAMLSource, knowing catalogue: [Rule]
  ) throws(InvalidPlan) -> SavedPlan {
    let (documents, diagnostics) = YAMLReader.read(source.joiningSurrogatePairs)
    if let first = diagnostics.first { throw InvalidPlan(diagnostic: broken(first)) }
    let start = YAMLPlace(line: 1, column: 1)
    guard let root = documents.first else {
      throw invalid(
        PlanMistake(
          rule: .notAPlan, place: start, summary: "the file is empty",
          remedy: PlanMistake.otherFile), source)
    }
    do throws(PlanMistake) {
      try checkFormat(root)
      let hasNote = root.has("note")
      let document = try root.members(topLevel + (hasNote ? ["note"] : []))
      var plan = try plan(document).recognizing(catalogue)
      if hasNote { plan.note = try document["note"].string() }
      let saved = SavedPlan(
        report: plan.kind == .apply
          ? try report(of: plan, document, knowing: catalogue) : nil,
        plan: plan, created: try created(document["created"]), id: try document["id"].string())
      try checkBytes(of: saved, source.bytes, id: document["id"].place)
      return saved
    } catch {
      throw invalid(error, source, name: root.name(of: error.place))
    }
  }

  /// Rejects files that are not plans of this format before any other mistake is reported.
  private static func checkFormat(_ root: YAMLNode) throws(PlanMistake) {
    guard case .mapping(let entries) = root.content,
      let node = entries.first(where: { $0.key.text == "format" })?.value,
      let found = node.scalar?.text
    else {
      throw PlanMistake(
        rule: .notAPlan, place: root.place, summary: "this is no plan: it does not name its format",
        remedy: PlanMistake.otherFile)
    }
    guard found.hasPrefix("virtmem/plan/") else {
      throw PlanMistake(
        rule: .notAPlan, place: node.place, summary: "this is no plan: \(Quotation.quoted(found))",
        remedy: PlanMistake.otherFile)
    }
    guard found == format else {
      throw PlanMistake(
        rule: .unknownPlanFormat, place: node.place,
        summary: "\(Quotation.quoted(found)) is of another version, and this one reads \(format)",
        remedy: PlanMistake.otherVersion)
    }
  }

  /// The time in the format that ``Timestamp`` writes.
  private static func created(_ node: YAMLNode) throws(PlanMistake) -> String {
    let text = try node.string()
    let pattern = Array("0000-00-00T00:00:00Z".utf8)
    let isTime =
      text.utf8.count == pattern.count
      && zip(text.utf8, pattern).allSatisfy { byte, form in
        form == UInt8(ascii: "0")
          ? (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) : byte == form
      }
    guard isTime else {
      throw node.invalid("this is no point in time such as 2026-08-22T09:12:00Z")
    }
    return text
  }

  /// Compares the file with what virtmem writes for the plan that it read from the file.
  private static func checkBytes(
    of saved: SavedPlan, _ bytes: [UInt8], id: YAMLPlace
  ) throws(PlanMistake) {
    let written = PlanDocument.bytes(of: saved)
    guard written != bytes else { return }
    let common = zip(written, bytes).prefix { $0 == $1 }.count
    let line = bytes[..<common].count { $0 == UInt8(ascii: "\n") } + 1
    let lineStart = bytes[..<common].lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
    let column =
      String(decoding: bytes[lineStart..<common], as: UTF8.self).unicodeScalars.count + 1
    let isInID = line == id.line && (id.column..<id.column + saved.id.count + 2).contains(column)
    throw PlanMistake(
      rule: .alteredPlan, place: isInID ? id : YAMLPlace(line: line, column: column),
      summary: isInID
        ? "this is not the hash of what the plan says, so the plan is not as it was saved"
        : "from here on the file is not byte for byte what virtmem writes")
  }

  private static func invalid(
    _ mistake: PlanMistake, _ source: YAMLSource, name: String? = nil
  ) -> InvalidPlan {
    let subject = name.flatMap { $0.isEmpty ? nil : "\($0): " } ?? ""
    return InvalidPlan(
      diagnostic: Diagnostic(
        .error, rule: mistake.rule, summary: subject + mistake.summary,
        detail: mistake.detail, remedy: mistake.remedy,
        source: SourcePosition(
          file: source.file, line: mistake.place.line, column: mistake.place.column)))
  }

  /// The YAML reader's diagnostic with a plan's remedy: the user should save the plan again, not
  /// repair the file.
  private static func broken(_ diagnostic: Diagnostic) -> Diagnostic {
    var broken = diagnostic
    broken.detail = "The file may be cut off, or was edited."
    broken.remedy = PlanMistake.savedAnew
    return broken
  }
}
