// SPDX-License-Identifier: Apache-2.0
package import MemoryModel

/// The memory-related part of a domain's live or persistent definition, read from `<domain>`.
///
/// In a live definition ``MemoryConfiguration/currentMemory`` is libvirt's raw value, which
/// includes the memory that virtio-mem devices have plugged (``MemoryDevice/plugged``).
package struct DomainDefinition: Sendable, Hashable {
  /// libvirt's ID of the running domain, `<domain id>`; nil if the definition does not run.
  package var id: Int?
  /// The domain's name.
  package var name: String
  /// The UUID in lower case and with dashes; nil if the definition has none, so that libvirt
  /// generates it.
  package var uuid: String?
  /// The kind of hypervisor, such as `kvm`: `<domain type>`; empty if it is missing.
  package var type: String
  /// The guest's architecture, such as `x86_64`: `<os><type arch>`; nil if it is missing.
  package var architecture: String?
  /// The memory, with the devices' user aliases without `ua-`.
  package var configuration: MemoryConfiguration
  /// Whether the host's kernel counts the guest's RAM as page cache.
  ///
  /// It does if the RAM is a memfd or a file, is shared, or must be shared for vhost-user or
  /// virtiofs.
  package var sharesHostMemory: Bool

  /// Reads XML from `virDomainGetXMLDesc`, or XML that a user wrote.
  ///
  /// - Throws: ``DomainXMLError`` if libvirt would reject the XML, if it has a DOCTYPE, or if
  ///   virtmem does not know a memory device's model.
  package static func read(_ xml: Span<UInt8>) throws(DomainXMLError) -> DomainDefinition {
    try XMLDocument.read(xml, root: "domain") { (document, root) throws(DomainXMLError) in
      var definition = try DomainDefinition(root)
      definition.configuration.surroundings.freePCISlots = document.freePCISlots
      return definition
    }
  }

  /// Reads the XML in a string.
  ///
  /// - Throws: ``DomainXMLError`` in the same cases as for bytes.
  package static func read(_ xml: String) throws(DomainXMLError) -> DomainDefinition {
    try read(xml.utf8Span.span)
  }

  private init(_ domain: XMLElement) throws(DomainXMLError) {
    guard let name = domain.child("name")?.text else {
      throw domain.error("<domain> has no <name>, or an empty one. Write <name>.")
    }
    let devices = try DomainDevices(of: domain)
    id = domain.attribute("id").flatMap { Int($0) }
    self.name = name
    uuid = try domain.child("uuid")?.uuid()
    type = domain.attribute("type") ?? ""
    architecture = domain.child("os")?.child("type")?.attribute("arch")
    configuration = try MemoryConfiguration(domain, devices: devices)
    sharesHostMemory = devices.sharedMemoryUser != nil || configuration.isBackedByPageCache
  }
}

extension MemoryConfiguration {
  /// Whether the definition makes the RAM a memfd, a file or shared memory, which the kernel counts
  /// as page cache.
  fileprivate var isBackedByPageCache: Bool {
    switch memoryBacking.source {
    case .some(.some(.memfd)), .some(.some(.file)): return true
    case .some(.some(.anonymous)), .some(.absent), nil: break
    }
    return memoryBacking.access == .some(.shared) || cells.contains { $0.access == .shared }
  }
}
