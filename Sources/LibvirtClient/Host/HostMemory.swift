// SPDX-License-Identifier: Apache-2.0
import CLibvirt
import MemoryModel

/// The figures of `virNodeGetMemoryStats` by libvirt's names for them.
struct HostMemory: Sendable {
  let figures: [String: MemorySize]

  /// What could be given away: libvirt's own figure (since 12.3), else free, buffers and cache.
  ///
  /// To the kernel the RAM of `domains` whose memory is shared is cache, though it is in use.
  func available(besides domains: [ObservedDomain]) -> MemorySize? {
    if let available = figures["available"] { return available }
    guard let free = figures[VIR_NODE_MEMORY_STATS_FREE] else { return nil }
    let cache = [VIR_NODE_MEMORY_STATS_BUFFERS, VIR_NODE_MEMORY_STATS_CACHED]
    let shared = domains.filter { $0.isActive && $0.sharesHostMemory }
    return free + cache.compactMap { figures[$0] }.total
      - shared.compactMap { $0.statistics?.resident }.total
  }
}

extension HostMemory {
  /// Asks the host; nil where its driver does not tell.
  init?(of connection: borrowing Connection) throws(HypervisorError) {
    do throws(HypervisorError) {
      self.init(figures: try connection.memoryStatistics())
    } catch  where error.kind == .unsupported {
      return nil
    }
  }
}
