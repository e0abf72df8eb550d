// SPDX-License-Identifier: Apache-2.0
import CLibvirt
import MemoryModel

/// The host's memory statistics by libvirt's names; `virNodeGetMemoryStats`.
struct HostMemoryStatistics: Sendable {
  let figures: [String: MemorySize]

  /// The host's whole memory.
  var total: MemorySize? { figures[VIR_NODE_MEMORY_STATS_TOTAL] }

  /// The available memory: libvirt's value (since 12.3), else free memory, buffers and cache.
  ///
  /// The kernel counts the shared RAM of guests as cache, although it is in use. So the resident
  /// memory of such `domains` is subtracted.
  func available(besides domains: [ObservedDomain]) -> MemorySize? {
    let sharing = domains.filter { $0.isActive && $0.sharesHostMemory }
    return available(less: sharing.compactMap { $0.statistics?.resident }.total)
  }

  /// The available memory, where the resident memory of guests that share memory is `shared`.
  func available(less shared: MemorySize) -> MemorySize? {
    if let available = figures["available"] { return available }
    guard let free = figures[VIR_NODE_MEMORY_STATS_FREE] else { return nil }
    let cache = [VIR_NODE_MEMORY_STATS_BUFFERS, VIR_NODE_MEMORY_STATS_CACHED]
    return free + cache.compactMap { figures[$0] }.total - shared
  }

  /// Whether libvirt itself reports the available memory.
  var reportsAvailable: Bool { figures["available"] != nil }
}

extension HostMemoryStatistics {
  /// Reads the statistics; nil where the driver does not report them.
  init?(of connection: borrowing Connection) throws(HypervisorError) {
    do throws(HypervisorError) {
      self.init(figures: try connection.memoryStatistics())
    } catch  where error.kind == .unsupported {
      return nil
    }
  }
}
