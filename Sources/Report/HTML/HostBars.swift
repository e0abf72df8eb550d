// SPDX-License-Identifier: Apache-2.0

internal import MemoryModel

/// The pictures of a host's memory: the reserve, what is available and what is in use, and the same
/// by NUMA node with its huge pages.
struct HostBars {
  private let host: PlannedHost
  private let comparison: Comparison

  init(of host: PlannedHost, in comparison: Comparison) {
    self.host = host
    self.comparison = comparison
  }

  /// The picture with its text; empty if the plan tells nothing of the host's memory.
  var html: HTML {
    guard let line = host.memoryLine(steps: comparison != .drift) else { return "" }
    let bars = bars
    let subject: ShownText = host.memory?.total == nil ? "available memory" : "memory"
    let picture = bars.isEmpty ? "" : Bar.html(bars, of: "\(subject) of \(host.shownName)")
    let nodes = nodeBars
    return "<p class=\"memory\">The host's \(line).</p>\n" + picture
      + (nodes.isEmpty ? "" : Bar.html(nodes, of: "memory of \(host.shownName)"))
  }

  private var bars: [Bar] {
    guard let memory = host.memory else { return [] }
    var now = bar(comparison.now, memory.available)
    guard comparison != .drift, memory.availableAfter != memory.available else {
      if comparison != .drift { now.label += ", " + comparison.after }
      addUse(of: memory, to: &now)
      return [now]
    }
    var after = bar(comparison.after, memory.availableAfter)
    let given = memory.availableAfter - memory.available
    now.add(.moved, "guests give back later", given)
    after.add(.moved, "guests take", memory.available - memory.availableAfter)
    addUse(of: memory, without: given, to: &now)
    addUse(of: memory, without: given, to: &after)
    if memory.leastAvailable < min(memory.available, memory.availableAfter) {
      after.ticks.append(Bar.Tick(name: "least on the way", size: memory.leastAvailable))
    }
    return [now, after]
  }

  /// Adds what is in use on the host, where its whole memory is known; `given` is drawn already.
  private func addUse(
    of memory: HostMemory, without given: MemorySize = .zero, to bar: inout Bar
  ) {
    guard let total = memory.total else { return }
    let pages = memory.nodes.flatMap { $0.pools.map(\.memory) }.total
    let used = total - memory.available - pages
    let guests = min(memory.guests ?? .zero, used)
    bar.add(.ram, "guests", guests - given)
    bar.add(.plugged, "huge pages", pages)
    bar.add(.other, memory.guests == nil ? "in use" : "other use", used - max(guests, given))
  }

  /// A bar for each NUMA node, where there are several or one has huge pages.
  private var nodeBars: [Bar] {
    let nodes = host.memory?.nodes ?? []
    guard nodes.count > 1 || nodes.contains(where: { $0.pools.contains { $0.total > 0 } }) else {
      return []
    }
    return nodes.map { node in
      var bar = Bar(label: "node \(node.number), \(comparison.now)")
      bar.add(.available, "free", node.free)
      for pool in node.pools where pool.total > 0 {
        let name: ShownText = "pages of \(pool.size)"
        let free = pool.size * (pool.free ?? 0)
        bar.add(.free, "free \(name)", free)
        bar.add(.plugged, pool.free == nil ? name : "\(name) in use", pool.memory - free)
      }
      let told = bar.parts.map(\.size).total
      bar.add(.other, "other use and page cache", (node.total ?? .zero) - told)
      return bar
    }.filter { !$0.parts.isEmpty }
  }

  private func bar(_ label: ShownText, _ available: MemorySize) -> Bar {
    var bar = Bar(label: label)
    let reserve = host.reserve ?? .zero
    let name: ShownText = available < reserve ? "available, all of it reserve" : "reserve"
    bar.add(.reserve, name, min(available, reserve))
    bar.add(.available, reserve == .zero ? "available" : "available above it", available - reserve)
    if available < reserve { bar.ticks.append(Bar.Tick(name: "reserve", size: reserve)) }
    return bar
  }
}
