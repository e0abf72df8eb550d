// SPDX-License-Identifier: Apache-2.0

internal import Basics
internal import MemoryModel
internal import Synchronization

/// A plan whose diagnostics and domains are written already.
///
/// The document is written twice, once only to be hashed, and nearly all bytes of a large plan are in
/// these parts.
struct WrittenPlan {
  private let plan: Plan
  private let report: ApplyReport?
  private let diagnostics: [[UInt8]]
  private let domains: [[UInt8]]
  /// `sha256:` and the hash of all that is not of the moment.
  let id: String

  /// Writes the diagnostics and domains of `plan`, with the results of `report`.
  init(_ plan: Plan, _ report: ApplyReport?) {
    self.plan = plan
    self.report = report
    let diagnostics = plan.diagnostics.written { $0.diagnostic($1) }
    self.diagnostics = diagnostics
    var timeless = plan
    for index in timeless.hosts.indices { timeless.hosts[index].memory = nil }
    let frame = Frame(of: timeless, report, diagnostics, label: nil)
    let written = Mutex((domains: [[UInt8]](), hash: SHA256()))
    written.withLock { $0.hash.add(frame.head.span) }
    // Hashing takes as long as writing, so a part is hashed while others are written.
    Array(plan.domains.indices).concurrentParts { indices in
      JSONWriter.elements(indices) { $0.domain(plan.domains[$1], at: $1, in: report) }
    } inOrder: { part in
      written.withLock {
        if !$0.domains.isEmpty { $0.hash.add([UInt8(ascii: ",")].span) }
        $0.hash.add(part.span)
        $0.domains.append(part)
      }
    }
    (domains, id) = written.withLock {
      $0.hash.add(frame.tail.span)
      return ($0.domains, "sha256:" + $0.hash.hexadecimal())
    }
  }

  /// The document, made at `created`, with this `id`.
  func document(created: String, id: String?) -> [UInt8] {
    let frame = Frame(of: plan, report, diagnostics, label: (created, id))
    let size = domains.reduce(frame.head.count + frame.tail.count) { $0 + $1.count + 1 }
    var document: [UInt8] = []
    document.reserveCapacity(size)
    document += frame.head
    for (number, part) in domains.enumerated() {
      if number > 0 { document.append(UInt8(ascii: ",")) }
      document += part
    }
    document += frame.tail
    return document
  }
}

/// A plan's document without the elements of `domains`.
private struct Frame {
  /// Everything before the first domain.
  let head: ArraySlice<UInt8>
  /// Everything after the last domain.
  let tail: ArraySlice<UInt8>

  /// Writes all of `plan` but its domains; without `created` and `id` if `label` is nil.
  init(
    of plan: Plan, _ report: ApplyReport?, _ diagnostics: [[UInt8]],
    label: (created: String, id: String?)?
  ) {
    var document = JSONWriter(capacity: 4096)
    var place = 0
    document.object {
      if let label { $0.member("created", label.created) }
      $0.key("diagnostics")
      $0.array(joining: diagnostics)
      $0.key("domains")
      place = $0.bytes.count + 1
      $0.array(joining: [])
      $0.member("format", "virtmem/plan/v1alpha1")
      $0.key("hosts")
      $0.array(plan.hosts) { $0.host($1) }
      if let label { $0.member("id", label.id) }
      $0.member("kind", (report == nil ? plan.kind : .apply).rawValue)
      if let note = plan.note { $0.member("note", note) }
      $0.key("removed")
      $0.array(plan.removed) { $0.removed($1) }
      $0.summary(of: plan, report: report)
      if !plan.tolerated.isEmpty {
        $0.key("tolerated")
        $0.array(plan.tolerated.map(\.rawValue))
      }
    }
    let bytes = document.finished()
    (head, tail) = (bytes[..<place], bytes[place...])
  }
}

extension Array where Element: Sendable {
  /// The elements as JSON, written on all processors, for ``JSONWriter/array(joining:)``.
  fileprivate func written(
    _ body: @Sendable (inout JSONWriter, Element) -> Void
  ) -> [[UInt8]] {
    concurrentParts { JSONWriter.elements($0, body) }
  }
}

extension JSONWriter {
  /// The elements of an array, with commas between.
  fileprivate static func elements<Element>(
    _ elements: ArraySlice<Element>, _ body: (inout JSONWriter, Element) -> Void
  ) -> [UInt8] {
    var json = JSONWriter(capacity: 2048 * elements.count)
    for element in elements { body(&json, element) }
    return json.bytes
  }
}
