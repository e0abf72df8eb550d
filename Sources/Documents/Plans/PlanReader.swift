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
  /// The plan's identifier: `sha256:` followed by the hash of the document's content; nil for
  /// several documents that were joined.
  package let id: String?
  /// The time at which the last of several joined documents was made; nil if this is one document,
  /// or if they were joined by an earlier run.
  package var lastCreated: String?
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
    let root: JSONValue
    do throws(JSONMistake) {
      root = try text(source.bytes).root
    } catch {
      throw InvalidPlan(
        diagnostic: foreign(source) ?? diagnostic(of: error, in: source))
    }
    do throws(JSONMistake) {
      try checkFormat(root)
      let present = ["note", "tolerated"].filter(root.has)
      let document = try root.members(topLevel + present)
      var plan = try plan(document).recognizing(catalogue)
      if root.has("note") { plan.note = try document["note"].string() }
      if root.has("tolerated") { plan.tolerated = try tolerated(document["tolerated"]) }
      let saved = SavedPlan(
        report: plan.kind == .apply
          ? try report(of: plan, document, knowing: catalogue) : nil,
        plan: plan, created: try created(document["created"]),
        id: try document["id"].optionalString())
      try checkBytes(of: saved, source.bytes, id: document["id"])
      return saved
    } catch {
      throw InvalidPlan(
        diagnostic: foreign(source)
          ?? diagnostic(of: error, in: source, name: root.name(of: error.offset)))
    }
  }

  /// The mistake of a file that is something else; nil for a plan, and for what is nothing known.
  private static func foreign(_ source: YAMLSource) -> Diagnostic? {
    guard let kind = InputKind(source), kind != .savedPlan else { return nil }
    return kind.mistake(
      in: source.file, wanted: "a saved plan", from: "`virtmem plan PATH --out FILE` saves a plan.",
      rule: .notAPlan)
  }

  /// The file's text, which must be an object.
  private static func text(_ bytes: [UInt8]) throws(JSONMistake) -> JSONText {
    let start = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    let first = bytes[start...].firstIndex { ![0x20, 0x09, 0x0A, 0x0D].contains($0) }
    guard let first else {
      throw notAPlan("the file is empty", at: 0)
    }
    guard bytes[first] == UInt8(ascii: "{") else {
      throw notAPlan("this is no plan: it does not name its format", at: first)
    }
    return try JSONText(bytes, in: first..<bytes.count)
  }

  private static func notAPlan(_ summary: String, at offset: Int) -> JSONMistake {
    JSONMistake(.document(.notAPlan, summary: summary, remedy: otherFile), at: offset)
  }

  /// Rejects files that are not plans of this format before any other mistake is reported.
  private static func checkFormat(_ root: JSONValue) throws(JSONMistake) {
    let format = try root.members().first { $0.key.isString("format") }?.value
    guard let format, let found = format.scalar else {
      throw notAPlan("this is no plan: it does not name its format", at: root.start)
    }
    guard found.hasPrefix("virtmem/plan/") else {
      throw notAPlan("this is no plan: \(Quotation.quoted(found))", at: format.start)
    }
    guard found == Self.format else {
      throw format.mistake(
        .document(
          .unknownPlanFormat,
          summary: "\(Quotation.quoted(found)) is of another version, and this one reads "
            + Self.format,
          remedy: otherVersion))
    }
  }

  private static func tolerated(_ json: JSONValue) throws(JSONMistake) -> [Verdict] {
    try json.elements { (word) throws(JSONMistake) in
      guard let verdict = Verdict(rawValue: try word.string()) else {
        throw word.invalid("a run tolerates blocked and unobserved")
      }
      return verdict
    }
  }

  /// The time in the format that ``Timestamp`` writes.
  private static func created(_ json: JSONValue) throws(JSONMistake) -> String {
    let text = try json.string()
    let pattern = Array("0000-00-00T00:00:00Z".utf8)
    let isTime =
      text.utf8.count == pattern.count
      && zip(text.utf8, pattern).allSatisfy { byte, form in
        form == UInt8(ascii: "0")
          ? (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) : byte == form
      }
    guard isTime else {
      throw json.invalid("this is no point in time such as 2026-08-22T09:12:00Z")
    }
    return text
  }

  /// Compares the file with what virtmem writes for the plan that it read from the file.
  private static func checkBytes(
    of saved: SavedPlan, _ bytes: [UInt8], id: JSONValue
  ) throws(JSONMistake) {
    let written = PlanDocument.bytes(of: saved)
    guard written != bytes else { return }
    let common = zip(written, bytes).prefix { $0 == $1 }.count
    guard (id.start..<id.end).contains(common) else {
      throw JSONMistake(
        .notAsWritten("from here on the file is not byte for byte what virtmem writes"), at: common)
    }
    throw id.mistake(
      .document(
        .alteredPlan,
        summary: "this is not the hash of what the plan says, so the plan is not as it was saved",
        remedy: savedAnew))
  }
}
