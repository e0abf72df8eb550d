// SPDX-License-Identifier: Apache-2.0
package import LibvirtModel
package import MemoryModel

extension ObservedHost {
  /// Makes a host without domains, with the newest libvirt and a QEMU of unknown version.
  package init(
    _ driver: HypervisorDriver = .qemu, libvirt: Version = .newestKnownLibvirt,
    qemu: Version? = nil, isSession: Bool = false, nodes: NodeSet? = nil,
    pageSizes: [MemorySize] = []
  ) {
    self.init(
      uri: nil, driver: driver, libvirt: libvirt,
      hypervisor: HypervisorRelease(name: driver.name, version: qemu), isSession: isSession,
      nodes: [HostNode](nodes), pageSizes: pageSizes)
  }

  /// The domain as `operation` leaves it on this host.
  ///
  /// - Throws: ``Refusal`` with the rule that forbids the operation.
  package func result(
    of operation: Operation, on domain: ObservedDomain
  ) throws(Refusal) -> ObservedDomain {
    try GuestBehaviour(of: domain, on: self, facts: .ofAnyPages).result(of: operation, on: domain)
  }

  /// The domain as `call` leaves it on this host.
  ///
  /// - Throws: ``Refusal`` with the rule that forbids the call.
  package func result(
    of call: Call, on domain: ObservedDomain
  ) throws(Refusal) -> ObservedDomain {
    try result(of: .call(call), on: domain)
  }
}

extension DeclaredFacts {
  /// The facts of a host that defines a domain whether or not it has the domain's huge pages, as
  /// libvirt does.
  package static let ofAnyPages = DeclaredFacts(hugepages: .onDemand)
}

extension [HostNode] {
  /// Makes nodes with these numbers, of which nothing else is known.
  package init(_ numbers: NodeSet?) {
    self = (numbers?.ranges ?? []).flatMap { range in range.map { HostNode($0) } }
  }
}
