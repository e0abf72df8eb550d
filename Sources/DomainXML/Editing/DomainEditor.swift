// SPDX-License-Identifier: Apache-2.0
package import MemoryModel

/// Changes the memory of a definition and nothing else.
///
/// What is not changed stays as it was, namespaces that nobody here knows included; libvirt drops
/// comments by itself.
package enum DomainEditor {
  /// The definition with each of `changes` made, for `virDomainDefineXMLFlags`.
  ///
  /// A device is the one with the alias `ua-NAME`; where none has it, the one without such an alias
  /// that has the leaves which the changes give as `from`.
  ///
  /// - Throws: ``DomainXMLError`` where the XML is no definition, has no place for a change, or has
  ///   several devices that a change could be about.
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

  /// The definition in a form in which two are equal that differ only in blanks, comments and the
  /// order of attributes.
  ///
  /// - Throws: ``DomainXMLError`` where the XML is no definition.
  package static func canonical(_ xml: String) throws(DomainXMLError) -> String {
    try withoutMemory(xml, changedBy: [])
  }

  /// The canonical definition without what `changes` are about, and without what libvirt makes of
  /// the rest by itself when they are made: before and after a redefinition it is the same, unless
  /// somebody else changed something.
  ///
  /// - Throws: ``DomainXMLError`` where the XML is no definition.
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
  /// - Throws: ``DomainXMLError`` where they are not about one device, or not about a whole one.
  package static func device(adding changes: [Change]) throws(DomainXMLError) -> String {
    let empty = "<devices/>"
    return try XMLDocument.read(empty.utf8Span.span, root: "devices", options: 0) {
      (_, devices) throws(DomainXMLError) in
      let name = try devices.onlyDevice(of: changes)
      return try devices.newDevice(name, changes).xml()
    }
  }

  /// The one device that `changes` are about, as a live definition has it but for what they
  /// request, for `virDomainUpdateDeviceFlags` and `virDomainDetachDeviceFlags`.
  ///
  /// - Throws: ``DomainXMLError`` where the XML is no definition or has no such device, or several.
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

/// A memory device of a running guest.
package struct AttachedDevice: Hashable, Sendable {
  /// The alias that a user gave, with its `ua-`; nil where none did.
  package var alias: String?
  /// The device's own XML.
  package var xml: String
}
