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
      let (memory, nodes) = try await link.memory(within: limit)
      var shared: [MemorySize] = []
      if !sharing.isEmpty, memory?.reportsAvailable == false {
        let statistics = try await link.run(within: limit) {
          (connection) throws(HypervisorError) in try DomainStatistics.ofActive(on: connection)
        }
        shared = statistics.filter { sharing.contains($0.uuid) }
          .compactMap { $0.balloon.resident.map(MemorySize.kibibytes) }
      }
      return HostFigures(available: memory?.available(less: shared.total), nodes: nodes)
    }
  }
}

extension HostConnection {
  /// The host's memory and its nodes with what is free on them, from calls at the same time.
  func memory(
    within limit: Duration
  ) async throws(HypervisorError) -> (HostMemoryStatistics?, [HostNode]) {
    let nodes = identity.nodes
    async let free = result { () throws(HypervisorError) in
      try await run(within: limit) { (connection) throws(HypervisorError) in
        try nodes.freeMemory(asking: connection)
      }
    }
    async let pages = result { () throws(HypervisorError) in
      try await run(within: limit) { (connection) throws(HypervisorError) in
        try nodes.freePages(asking: connection)
      }
    }
    let memory = try await run(within: limit) { (connection) throws(HypervisorError) in
      try HostMemoryStatistics(of: connection)
    }
    let filled = try await nodes.with(
      freeMemory: free.get(), of: memory?.total, freePages: pages.get())
    return (memory, filled)
  }
}

extension [DomainStatistics] {
  /// The resident memory of all active domains; nil where the driver does not report it.
  var residentMemory: MemorySize? {
    let resident = compactMap(\.balloon.resident)
    return resident.isEmpty && !isEmpty ? nil : resident.map(MemorySize.kibibytes).total
  }
}
