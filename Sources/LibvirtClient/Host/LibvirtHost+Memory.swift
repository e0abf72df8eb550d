// SPDX-License-Identifier: Apache-2.0
package import MemoryModel

extension LibvirtHost {
  /// What the host has free now; `virNodeGetMemoryStats`, `virNodeGetFreePages`.
  ///
  /// Costs one more bulk call where libvirt does not report available memory and domains share
  /// memory, because the host's kernel counts that as page cache.
  ///
  /// - Throws: ``HypervisorError`` where the host could not be asked.
  package func figures(
    besides sharing: Set<String>
  ) async throws(HypervisorError) -> HostFigures {
    try await look { (link, limit) throws(HypervisorError) in
      let nodes = link.identity.nodes
      return try await link.run(within: limit) { (connection) throws(HypervisorError) in
        let memory = try HostMemoryStatistics(of: connection)
        var shared: [MemorySize] = []
        if !sharing.isEmpty, memory?.reportsAvailable == false {
          shared = try DomainStatistics.ofActive(on: connection)
            .filter { sharing.contains($0.uuid) }
            .compactMap { $0.balloon.resident.map(MemorySize.kibibytes) }
        }
        return HostFigures(
          available: memory?.available(less: shared.total),
          nodes: try nodes.withFreeMemory(asking: connection, of: memory?.total))
      }
    }
  }
}
