// SPDX-License-Identifier: Apache-2.0

internal import MemoryModel

/// The pictures of guests' memory; guests with equal figures share one.
struct GuestPictures {
  private let groups: [(memory: GuestMemory, names: [String])]

  init(of domains: [DomainPlan], in comparison: Comparison) {
    var order: [GuestMemory] = []
    var names: [GuestMemory: [String]] = [:]
    for domain in domains {
      let memory = GuestMemory(of: domain, in: comparison)
      if names[memory] == nil { order.append(memory) }
      names[memory, default: []].append(domain.name)
    }
    groups = order.map { ($0, names[$0] ?? []) }
  }

  /// At most `limit` pictures; what is left out is counted.
  func html(limit: Int) -> HTML {
    let shown = groups.filter { !$0.memory.bars.isEmpty }
    guard !shown.isEmpty else {
      return "<p class=\"note\">No picture: the plan holds no size of the guest's memory.</p>\n"
    }
    var html: HTML = ""
    for (memory, names) in shown.prefix(limit) {
      if groups.count > 1 { html += "<p class=\"who\">\(NameList(names).list.cut(to: 300))</p>\n" }
      html += Bar.html(memory.bars, of: "memory of \(NameList(names).start.cut(to: 100))")
      if !memory.missing.isEmpty {
        let missing = memory.missing.joined(separator: ", ")
        html += "<p class=\"note\">Not declared, so not drawn: \(missing).</p>\n"
      }
    }
    let left = shown.dropFirst(limit).reduce(0) { $0 + $1.names.count }
    if left > 0 {
      html += "<p class=\"note\">\(counted(left, "domain")) with other figures not drawn.</p>\n"
    }
    return html
  }
}
