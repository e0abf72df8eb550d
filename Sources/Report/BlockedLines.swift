// SPDX-License-Identifier: Apache-2.0

internal import MemoryModel

/// The rows of what is blocked in a domain, one for each cause.
struct BlockedLines {
  private let domain: DomainPlan
  private let kind: Plan.Kind

  init(of domain: DomainPlan, _ kind: Plan.Kind) {
    self.domain = domain
    self.kind = kind
  }

  /// The rows for the whole domain.
  var whole: [DomainEntry.Line] {
    domain.blockers.filter { $0.field == nil }.map { blocker in
      DomainEntry.Line(symbol: "!", field: "", values: "", remark: remark(blocker))
    }
  }

  /// The rows for fields; the fields of a device, cell or binding that have one cause share a row.
  var ofFields: [DomainEntry.Line] {
    var rows: [DomainEntry.Line] = []
    var seen: Set<Cause> = []
    for blocker in domain.blockers {
      guard let field = blocker.field else { continue }
      guard let item = field.ofItem else {
        rows.append(row(blocker, "\(field)", [field]))
        continue
      }
      guard seen.insert(Cause(item, blocker)).inserted else { continue }
      let fields = domain.blockers.filter { other in
        other.field?.ofItem == item && Cause(item, other) == Cause(item, blocker)
      }.compactMap(\.field)
      rows.append(row(blocker, fields.count == 1 ? "\(field)" : "\(item)", fields))
    }
    return rows
  }

  private struct Cause: Hashable {
    let item: FieldPath
    let rule: Rule
    let summary: String

    init(_ item: FieldPath, _ blocker: Blocker) {
      self.item = item
      rule = blocker.rule
      summary = blocker.summary
    }
  }

  private func row(
    _ blocker: Blocker, _ name: ShownText, _ paths: [FieldPath]
  ) -> DomainEntry.Line {
    let fields = paths.compactMap { path in domain.fields.first { $0.path == path } }
    let values: ShownText
    if let field = fields.first, paths.count == 1 {
      values = self.values(of: field)
    } else {
      values = fields.map { field -> ShownText in
        let leaf = field.path.description.split(separator: ".").last ?? ""
        return "\(leaf) \(field.desired)"
      }.joined(separator: ", ")
    }
    return DomainEntry.Line(
      symbol: "!", field: name, values: values, remark: remark(blocker),
      place: fields.first?.source)
  }

  /// The values of a field: in a drift what is declared and what is there, else the change.
  private func values(of field: PlannedField) -> ShownText {
    if kind == .drift { return DriftLine(field, of: domain, detail: .differences).values }
    let found = field.live == field.desired ? field.persistent : field.live ?? field.persistent
    return "\(field.text(found)) -> \(field.desired)"
  }

  private func remark(_ blocker: Blocker) -> ShownText {
    let verdict = domain.verdict == .suspended ? "would be blocked" : "blocked"
    return "\(verdict): \(blocker.summary) (\(blocker.rule))"
  }
}
