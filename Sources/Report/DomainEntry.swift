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
    var place: ShownText = ""
  }

  /// The widths of the columns, equal for all entries of a report.
  struct Widths {
    var name = 0
    var field = 23
    var values = 20
    var remark = 17

    init(of entries: [DomainEntry]) {
      for entry in entries {
        name = max(name, entry.name.count)
        for line in entry.lines where line.symbol != "!" {
          field = max(field, line.field.count + 1)
          values = max(values, line.values.count + 1)
          remark = max(remark, line.remark.count)
        }
      }
    }
  }

  private let domain: DomainPlan
  private let members: [DomainPlan]
  private let style: Style
  private let detail: PlanReport.Detail
  let name: ShownText
  let lines: [Line]

  init(
    _ members: [DomainPlan], of kind: Plan.Kind, style: Style, detail: PlanReport.Detail
  ) {
    self.members = members
    self.style = style
    self.detail = detail
    domain = members.first ?? DomainPlan(name: "", verdict: .inSync)
    let names: [ShownText] = members.map { "\($0.label)" }
    name =
      names.count <= 3
      ? names.joined(separator: ", ")
      : "\(names[0]) … \(names[names.count - 1]) (\(names.count) domains)"
    let entry = domain
    lines = entry.fields.flatMap { field in
      switch kind {
      case .drift: DriftLine(field, of: entry, detail: detail).lines
      case .plan, .apply: FieldLines(field, of: entry, detail: detail).lines
      }
    }
  }

  func text(_ widths: Widths) -> ShownText {
    var rows = [header(widths)]
    rows += domain.blockers.filter { $0.field == nil }.flatMap { [blockerRow($0)] + reasons($0) }
    let blockers = lines.map(blocker(of:))
    for (number, line) in lines.enumerated() {
      guard let blocker = blockers[number] else {
        rows.append(row(line, widths))
        continue
      }
      rows.append(blockerRow(blocker))
      // Fields that are blocked for the same reason, such as all of one device, share its text.
      let next = number + 1 < blockers.count ? blockers[number + 1] : nil
      if next?.rule != blocker.rule || next?.detail != blocker.detail { rows += reasons(blocker) }
    }
    if detail == .everything || domain.steps.contains(where: { !$0.needs.isEmpty }) {
      rows += domain.steps.flatMap(stepRows)
    }
    if detail == .everything, let headroom = domain.headroom {
      rows.append("    " + style.paint(headroom.text, .dim))
    }
    return rows.map { "\($0.trimmingTrailingSpaces)\n" }.joined()
  }

  private func header(_ widths: Widths) -> ShownText {
    let words =
      switch domain.verdict {
      case .suspended: "suspended"
      case .unobserved where domain.state == nil: "unobserved"
      case .blocked where domain.blockers.contains(where: { $0.rule.meaning == .severalHosts }):
        "on several hosts"
      default: domain.state?.rawValue ?? "not there"
      }
    let left: ShownText = "\(name.padded(to: widths.name))  \(words)"
    let place: ShownText = domain.position.map { "\($0.file):\($0.line)" } ?? ""
    return style.paint(left.padded(to: 60), .bold) + " " + style.paint(place, .dim)
  }

  private func row(_ line: Line, _ widths: Widths) -> ShownText {
    let columns = [
      line.field.padded(to: widths.field), line.values.padded(to: widths.values), line.remark,
    ]
    let text: ShownText =
      "  \(style.paint("\(line.symbol)", paint(line.symbol))) \(columns.joined())"
    guard !line.place.isEmpty else { return text }
    let width = 4 + widths.field + widths.values + widths.remark
    let used = 4 + columns.map(\.count).reduce(0, +)
    return text + .spaces(max(0, width - used) + 2) + style.paint(line.place, .dim)
  }

  private func blocker(of line: Line) -> Blocker? {
    guard line.symbol == "!" else { return nil }
    return domain.blockers.first { $0.field.map { "\($0)" } == line.field }
  }

  private func blockerRow(_ blocker: Blocker) -> ShownText {
    let symbol = style.paint("!", .red)
    let field = blocker.field.map { ShownText("\($0)").padded(to: 22) + " " } ?? ""
    return "  \(symbol) \(field)blocked: \(blocker.summary) (\(blocker.rule))"
  }

  /// The remedy for a blocked change, with its cause in the detailed report.
  private func reasons(_ blocker: Blocker) -> [ShownText] {
    let remedy = "      " + style.paint("\(blocker.remedy)", .dim)
    return detail == .everything ? ["      \(blocker.detail)", remedy] : [remedy]
  }

  private func stepRows(_ step: Step) -> [ShownText] {
    let number = step.id.split(separator: "/").last ?? ""
    let changes = step.changes.map(\.text).joined(separator: ", ")
    let operation = step.operation.text
    var rows: [ShownText] = [
      "    \(number). \(operation)  \(changes)  [\(step.disruption.rawValue)]"
    ]
    if detail == .everything { rows.append("       " + style.paint("\(step.reason)", .dim)) }
    if !step.needs.isEmpty { rows.append("       after \(step.needs.joined(separator: ", "))") }
    return rows
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

extension Change {
  /// The change as text, such as `currentMemory 8 GiB -> 6 GiB`.
  var text: ShownText {
    let (from, to) = (from?.description ?? "not set", to?.description ?? "not set")
    return from == to ? "\(field) \(to)" : "\(field) \(from) -> \(to)"
  }
}

extension Headroom {
  /// How far the guest can grow, and what prevents more growth, in one line.
  var text: ShownText {
    let parts = [("balloon", balloon), ("virtio-mem", virtioMem), ("hotplug", hotplug)]
      .filter { $0.1 > .zero }.map { "\($0.0) \($0.1)" }
    let growth: ShownText =
      parts.isEmpty ? "can't grow live" : "can grow live by \(parts.joined(separator: ", "))"
    guard !missing.isEmpty else { return growth }
    return "\(growth); for more it has no \(missing.map(\.words).joined(separator: ", no "))"
  }
}

extension Headroom.Missing {
  /// What is missing, in the words of the message.
  fileprivate var words: String {
    switch self {
    case .balloon: "balloon device"
    case .maxMemory: "maxMemory"
    case .numaCell: "NUMA cell"
    case .slots: "free memory slot"
    case .room: "room below maxMemory"
    case .acpi: "ACPI for DIMMs"
    case .pciSlots: "free PCI slot for virtio devices"
    }
  }
}

extension DomainPlan {
  /// The domain's name for people, with its host where the manifests declare Hosts.
  package var label: String { host == DesiredHost.implicitName ? name : "\(host ?? "?")/\(name)" }
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
