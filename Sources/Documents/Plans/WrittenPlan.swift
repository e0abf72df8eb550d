// SPDX-License-Identifier: Apache-2.0

internal import Basics
internal import MemoryModel
internal import Synchronization

/// The document of a plan, and the hash that identifies it.
///
/// The hashed text has other members than the document. Nearly all bytes of a large plan are those
/// of its domains, which are the same in both, and are written once.
struct WrittenPlan {
  /// The document, with a newline at the end.
  let document: [UInt8]
  /// `sha256:` and the hash of all that is not of the moment.
  let id: String

  /// Writes `plan`, made at `created`, with the results of `report`; with `null` in place of the
  /// identifier if it is not `identified`.
  init(_ plan: Plan, _ report: ApplyReport?, created: String, identified: Bool = true) {
    let diagnostics = plan.diagnostics.written { $0.diagnostic($1) }
    var timeless = plan
    for index in timeless.hosts.indices { timeless.hosts[index].memory = nil }
    let hashed = Frame(of: timeless, report, diagnostics, label: nil)
    let written = Mutex((document: [UInt8](), hash: SHA256()))
    written.withLock {
      $0.document.reserveCapacity(2048 * (plan.domains.count + plan.diagnostics.count + 1))
      $0.document += Frame(of: plan, report, diagnostics, label: (created, nil)).head
      $0.hash.add(hashed.head.span)
    }
    // A part is copied and hashed while others are written.
    let comma = [UInt8(ascii: ",")]
    Array(plan.domains.indices).concurrentParts { indices in
      (
        isFirst: indices.startIndex == 0,
        JSONWriter.elements(indices) { $0.domain(plan.domains[$1], at: $1, in: report) }
      )
    } inOrder: { isFirst, part in
      written.withLock {
        for bytes in isFirst ? [part] : [comma, part] {
          $0.document += bytes
          $0.hash.add(bytes.span)
        }
      }
    }
    (document, id) = written.withLock {
      $0.hash.add(hashed.tail.span)
      let id = "sha256:" + $0.hash.hexadecimal()
      $0.document += Frame(of: plan, report, [], label: (created, identified ? id : nil)).tail
      return ($0.document, id)
    }
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
