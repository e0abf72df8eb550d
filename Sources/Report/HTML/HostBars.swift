// SPDX-License-Identifier: Apache-2.0

internal import MemoryModel

/// The picture of a host's memory: what is available, and how much of it is kept in reserve.
///
/// A plan does not hold the host's whole memory, nor its parts by NUMA node and its huge pages. As
/// soon as a plan holds them, their bars belong into ``bars``.
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
    let picture = bars.isEmpty ? "" : Bar.html(bars, of: "available memory of \(host.shownName)")
    return "<p class=\"memory\">The host's \(line).</p>\n" + picture
  }

  private var bars: [Bar] {
    guard let memory = host.memory else { return [] }
    var now = bar(comparison.now, memory.available)
    guard comparison != .drift, memory.availableAfter != memory.available else {
      if comparison != .drift { now.label += ", " + comparison.after }
      return [now]
    }
    var after = bar(comparison.after, memory.availableAfter)
    now.add(.moved, "guests give back later", memory.availableAfter - memory.available)
    after.add(.moved, "guests take", memory.available - memory.availableAfter)
    if memory.leastAvailable < min(memory.available, memory.availableAfter) {
      after.ticks.append(Bar.Tick(name: "least on the way", size: memory.leastAvailable))
    }
    return [now, after]
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
