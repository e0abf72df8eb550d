// SPDX-License-Identifier: Apache-2.0

package import MemoryModel

/// The rows of a plan for one domain, or for several with the same differences.
struct DomainEntry {
  /// The row of a field, before its columns are aligned.
  struct Line {
    var symbol: Character
    var field: ShownText
    var values: ShownText
    var remark: ShownText
    var place: SourcePosition?
  }

  /// The widths of the columns, equal for all entries of a report.
  struct Widths {
    private(set) var name = 0
    private(set) var field = 23
    private(set) var values = 20

    init(of entries: [DomainEntry]) {
      for entry in entries {
        name = max(name, min(entry.name.count, 40))
        for line in entry.lines {
          field = max(field, min(line.field.count + 2, 40))
          values = max(values, min(line.values.count + 2, 40))
        }
      }
    }
  }

  /// The domains of the entry.
  let members: [DomainPlan]
  /// The first of the domains, with `maxMemory` as one field.
  let domain: DomainPlan
  /// Whether the domains are declared in several places, of which the first one is shown.
  private let hasSeveralPlaces: Bool
  /// The words for a suspended domain.
  private let suspension: String
  private let style: Style
  private let detail: PlanReport.Detail
  let name: ShownText
  let lines: [Line]

  init(
    _ members: [DomainPlan], of kind: Plan.Kind, suspension: String? = nil, style: Style,
    detail: PlanReport.Detail
  ) {
    self.members = members
    self.suspension = suspension ?? "suspended"
    self.style = style
    self.detail = detail
    let domain = (members.first ?? DomainPlan(name: "", verdict: .inSync)).withCeilingAsOne
    self.domain = domain
    hasSeveralPlaces = Set(members.map(\.position)).count > 1
    name = NameList(members.map(\.name)).text
    lines =
      BlockedLines(of: domain, kind).whole
      + Self.lines(ofFieldsOf: domain, kind, detail)
      + BlockedLines(of: domain, kind).ofFields
  }

  /// The rows of the fields; a device, cell or binding that a plan adds is one row.
  private static func lines(
    ofFieldsOf domain: DomainPlan, _ kind: Plan.Kind, _ detail: PlanReport.Detail
  ) -> [Line] {
    if kind == .drift {
      return domain.fields.flatMap { DriftLine($0, of: domain, detail: detail).lines }
    }
    var lines: [Line] = []
    var index = domain.fields.startIndex
    while index < domain.fields.endIndex {
      let item = domain.fields[index].path.ofItem
      let end =
        item == nil
        ? index + 1
        : domain.fields[index...].firstIndex { $0.path.ofItem != item } ?? domain.fields.endIndex
      let fields = domain.fields[index..<end]
      let rows = fields.map { FieldLines($0, of: domain, detail: detail).lines }
      lines += addition(of: item, Array(fields), rows).map { [$0] } ?? rows.flatMap(\.self)
      index = end
    }
    return lines
  }

  /// The one row of an item that is added; nil if the rows of its fields say more.
  private static func addition(
    of item: FieldPath?, _ fields: [PlannedField], _ rows: [[Line]]
  ) -> Line? {
    guard let item, fields.count > 1, var line = rows.first?.first,
      rows.allSatisfy({ rows in
        rows.count == 1 && rows[0].symbol == "+" && rows[0].remark == line.remark
          && rows[0].place?.file == line.place?.file
      })
    else { return nil }
    line.field = "\(item)"
    line.values = fields.map { field -> ShownText in
      "\(field.path.name.lastPart) \(field.desired)"
    }.joined(separator: ", ")
    return line
  }

  func text(_ widths: Widths) -> ShownText {
    var rows = header(widths) + lines.flatMap { row($0, widths) }
    if detail == .everything || domain.steps.contains(where: { !$0.needs.isEmpty }) {
      rows += domain.steps.flatMap(stepRows)
    }
    if detail == .everything, let headroom = domain.headroom {
      rows += paragraph(headroom.text, indent: 4, .dim)
    }
    return rows.map { "\($0.trimmingTrailingSpaces)\n" }.joined()
  }

  /// The state of the domains in words.
  var stateWords: String {
    switch domain.verdict {
    case .suspended: suspension
    case .unobserved where domain.state == nil: "unobserved"
    case .blocked where domain.isOnSeveralHosts: "on several hosts"
    default: domain.state?.rawValue ?? "not there"
    }
  }

  /// The place of the domains in the manifests; empty if it is unknown.
  var place: ShownText { domain.position.map(text) ?? "" }

  private func header(_ widths: Widths) -> [ShownText] {
    let left: ShownText = "\(name.padded(to: widths.name))  \(stateWords)"
    let head = (left + "  ").padded(to: 61)
    if style.width.map({ head.count + place.count <= $0 }) ?? true {
      return [style.paint(head, .bold) + style.paint(place, .dim)]
    }
    return left.wrapped(to: style.width, indent: 4).map { style.paint($0, .bold) }
      + paragraph(place, indent: 4, .dim)
  }

  /// The row of a field.
  ///
  /// What does not fit the line of the field stands below it: its place, its remark, its values.
  private func row(_ line: Line, _ widths: Widths) -> [ShownText] {
    let symbol = "  " + style.paint("\(line.symbol)", paint(line.symbol)) + " "
    let place = style.paint(shownPlace(line), .dim)
    let field = line.field.isEmpty ? "" : cell(line.field, widths.field)
    let columns = line.values.isEmpty ? field : field + cell(line.values, widths.values)
    let words = symbol + columns + line.remark
    let whole = place.isEmpty ? words : words + "  " + place
    guard let limit = style.width, whole.count > limit else { return [whole] }
    if words.count <= limit { return [words] + paragraph(place, indent: 6) }
    let remark = place.isEmpty ? line.remark : line.remark + "  " + place
    if columns.isEmpty { return (symbol + remark).wrapped(to: limit, indent: 6) }
    let below = paragraph(remark, indent: 6)
    if symbol.count + columns.trimmingTrailingSpaces.count <= limit {
      return [symbol + columns] + below
    }
    return [symbol + field] + paragraph(line.values, indent: 6) + below
  }

  /// The text of a column, with at least two spaces before the next one.
  private func cell(_ text: ShownText, _ width: Int) -> ShownText {
    (text + "  ").padded(to: width)
  }

  /// The place of a field, if it is blocked or not in the document of its domain; else empty.
  func shownPlace(_ line: Line) -> ShownText {
    guard let place = line.place else { return "" }
    let isShown =
      line.symbol == "!" || place.file != domain.position?.file || detail == .everything
    return isShown ? text(place) : ""
  }

  /// A place, with `, …` where it is the first of several.
  private func text(_ place: SourcePosition) -> ShownText {
    let isFirst = hasSeveralPlaces && place.file == domain.position?.file
    return "\(place.file):\(place.line)" + (isFirst ? ", …" : "")
  }

  /// A step in one line, such as `virDomainSetMemoryFlags(LIVE)  currentMemory  [felt live]`.
  func words(of step: Step) -> ShownText {
    "\(step.operation.text)  \(subject(of: step))  [\(step.disruption.words)]"
  }

  private func stepRows(_ step: Step) -> [ShownText] {
    let number = step.id.split(separator: "/").last ?? ""
    var rows = paragraph("\(number). \(words(of: step))", indent: 4, hanging: 7)
    if !step.needs.isEmpty {
      rows += paragraph("after \(step.needs.joined(separator: ", "))", indent: 7)
    }
    return rows
  }

  /// What a step changes: the names of the fields whose values stand above, and the values of all
  /// others.
  private func subject(of step: Step) -> ShownText {
    var parts: [ShownText] = []
    var items: Set<FieldPath> = []
    for change in step.changes {
      let isManaged = domain.fields.contains { $0.path == change.field }
      if let item = change.field.ofItem, isWhole(item, in: step) {
        if items.insert(item).inserted { parts.append("\(item)") }
      } else if isManaged && change.changesValue {
        parts.append("\(change.field)")
      } else {
        parts.append(change.text + (change.changesValue ? "" : " (sent along)"))
      }
    }
    return parts.joined(separator: ", ")
  }

  /// Whether a step adds or removes a declared item.
  private func isWhole(_ item: FieldPath, in step: Step) -> Bool {
    let isDeclared = domain.fields.contains { $0.path.ofItem == item }
    return isDeclared
      && step.changes.contains { change in
        change.field.ofItem == item && change.changesValue
          && (change.from == nil || change.to == nil || change.field.name.isState)
      }
  }

  private func paragraph(
    _ text: ShownText, indent: Int, hanging: Int? = nil, _ paint: Style.Paint? = nil
  ) -> [ShownText] {
    guard !text.isEmpty else { return [] }
    let lines = text.wrapped(to: style.width, from: indent, indent: hanging ?? indent)
    let indented = [.spaces(indent) + lines[0]] + lines.dropFirst()
    return paint.map { paint in indented.map { style.paint($0, paint) } } ?? indented
  }

  private func paint(_ symbol: Character) -> Style.Paint {
    switch symbol {
    case "+": .green
    case "-", "!": .red
    case "…": .cyan
    case "=", "?": .dim
    default: .yellow
    }
  }
}

extension Disruption {
  /// What running guests feel of a step.
  fileprivate var words: String {
    switch self {
    case .none: "not felt"
    case .live: "felt live"
    case .restart: "restart"
    }
  }
}

extension DomainPlan {
  /// The domain's name for people, with its host where the manifests declare Hosts and it is known.
  package var label: String {
    guard let host, host != DesiredHost.implicitName else { return name }
    return "\(host)/\(name)"
  }
}

extension Operation {
  /// The call with its flags, or what the operation waits for.
  fileprivate var text: ShownText {
    switch self {
    case .call(let call): "\(call.api)(\(call.flags.joined(separator: "|")))"
    case .wait: "wait for the guest"
    }
  }
}
