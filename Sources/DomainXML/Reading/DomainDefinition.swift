// SPDX-License-Identifier: Apache-2.0
package import MemoryModel

/// A domain's definition as far as memory goes, read from `<domain>`.
///
/// Live and persistent definitions read alike. In a live one ``MemoryConfiguration/currentMemory``
/// is libvirt's raw figure, which counts what virtio-mem devices have plugged
/// (``MemoryDevice/plugged``).
package struct DomainDefinition: Sendable, Hashable {
  /// The number of the run that a live definition is of; nil for a domain that does not run.
  package var id: Int?
  /// The domain's name.
  package var name: String
  /// The UUID in lower case and with dashes; nil where the definition leaves it to libvirt.
  package var uuid: String?
  /// The kind of hypervisor, such as `kvm`; `<domain type>`, empty where that is left out.
  package var type: String
  /// The guest's architecture, such as `x86_64`; `<os><type arch>`.
  package var architecture: String?
  /// The memory, with devices' aliases where a user gave them, without their `ua-`.
  package var configuration: MemoryConfiguration
  /// Whether the guest's RAM counts as page cache to the host's kernel.
  ///
  /// It does where it is a memfd or a file, is shared, or has to be for vhost-user or virtiofs.
  package var sharesHostMemory: Bool

  /// Reads the XML of `virDomainGetXMLDesc`, or one that was written by hand.
  ///
  /// - Throws: ``DomainXMLError`` where libvirt would refuse the XML, or where it has a DOCTYPE.
  package static func read(_ xml: Span<UInt8>) throws(DomainXMLError) -> DomainDefinition {
    try XMLDocument.read(xml, root: "domain") { (document, root) throws(DomainXMLError) in
      var definition = try DomainDefinition(root)
      definition.configuration.surroundings.freePCISlots = document.slots.free
      return definition
    }
  }

  /// Reads the XML in a string.
  ///
  /// - Throws: ``DomainXMLError`` as the other does.
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
  /// Whether the definition makes the RAM a file or shared, which the kernel counts as page cache.
  fileprivate var isBackedByPageCache: Bool {
    switch memoryBacking.source {
    case .some(.some(.memfd)), .some(.some(.file)): return true
    case .some(.some(.anonymous)), .some(.absent), nil: break
    }
    return memoryBacking.access == .some(.shared) || cells.contains { $0.access == .shared }
  }
}
