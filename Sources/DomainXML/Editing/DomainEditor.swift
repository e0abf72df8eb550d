// SPDX-License-Identifier: Apache-2.0
package import MemoryModel

/// Changes only the memory in a definition.
///
/// Everything else stays as it is, including elements in unknown namespaces. libvirt itself drops
/// comments.
package enum DomainEditor {
  /// The persistent definition `xml` with all `changes`, for `virDomainDefineXMLFlags`.
  ///
  /// A change to a device applies to the device with the alias `ua-NAME`. If no device has this
  /// alias, it applies to the device without a user alias that has the values which the changes
  /// give as `from`.
  ///
  /// - Throws: ``DomainXMLError`` if the XML is not a definition, if a change can't be written, or
  ///   if several devices match.
  package static func edited(
    _ xml: String, _ changes: [Change]
  ) throws(DomainXMLError) -> String {
    let before = try DomainDefinition.read(xml).configuration
    return try XMLDocument.read(xml.utf8Span.span, root: "domain", options: 0) {
      (document, domain) throws(DomainXMLError) in
      let edit = DomainEdit(of: domain, before, changes)
      try edit.make()
      return try document.text()
    }
  }

  /// The definition in canonical form, for comparison.
  ///
  /// Two definitions have the same form if they differ only in blanks, comments and the order of
  /// attributes.
  ///
  /// - Throws: ``DomainXMLError`` if the XML is not a definition.
  package static func canonical(_ xml: String) throws(DomainXMLError) -> String {
    try withoutMemory(xml, changedBy: [])
  }

  /// The canonical definition without what `changes` affect, and without what libvirt changes as a
  /// consequence.
  ///
  /// The result is the same before and after a redefinition with `changes`, unless another program
  /// changed the definition.
  ///
  /// - Throws: ``DomainXMLError`` if the XML is not a definition.
  package static func withoutMemory(
    _ xml: String, changedBy changes: [Change]
  ) throws(DomainXMLError) -> String {
    let noBlanks = XMLDocument.withoutBlanks
    return try XMLDocument.read(xml.utf8Span.span, root: "domain", options: noBlanks) {
      (document, domain) throws(DomainXMLError) in
      if !changes.isEmpty { try domain.leaveOut(changes) }
      return try document.canonical()
    }
  }

  /// The XML of the one device that `changes` add, for `virDomainAttachDeviceFlags`.
  ///
  /// - Throws: ``DomainXMLError`` if the changes are not about exactly one device, or lack its
  ///   model or size.
  package static func device(adding changes: [Change]) throws(DomainXMLError) -> String {
    let empty = "<devices/>"
    return try XMLDocument.read(empty.utf8Span.span, root: "devices", options: 0) {
      (_, devices) throws(DomainXMLError) in
      let name = try devices.onlyDevice(of: changes)
      return try devices.newDevice(name, changes).xml()
    }
  }

  /// The XML of the one device that `changes` are about, with the `requested` size that they set.
  ///
  /// It comes from the live definition `xml`, and is meant for `virDomainUpdateDeviceFlags` and
  /// `virDomainDetachDeviceFlags`.
  ///
  /// - Throws: ``DomainXMLError`` if the XML is not a definition, or if no device or several
  ///   devices match.
  package static func device(
    in xml: String, changedBy changes: [Change]
  ) throws(DomainXMLError) -> AttachedDevice {
    try XMLDocument.read(xml.utf8Span.span, root: "domain", options: 0) {
      (_, domain) throws(DomainXMLError) in
      let name = try domain.onlyDevice(of: changes)
      let devices = try domain.memoryDevices()
      guard let index = try devices.map(\.device).index(of: name, changes, in: domain) else {
        throw domain.error("The domain has no memory device that could be \(name).")
      }
      let found = devices[index]
      for change in changes where change.field.name == .deviceRequested {
        try found.element.write(change.field.name, change.to)
      }
      return AttachedDevice(
        alias: found.device.alias.map { MemoryDevice.aliasPrefix + $0 },
        xml: try found.element.xml())
    }
  }
}

/// A memory device of a running guest, from the live definition.
package struct AttachedDevice: Hashable, Sendable {
  /// The device's user alias, including `ua-`; nil if it has none.
  package var alias: String?
  /// The device's element `<memory>` as XML.
  package var xml: String
}
