// SPDX-License-Identifier: Apache-2.0
package import MemoryModel

/// Changes the memory of a definition and nothing else.
///
/// What is not changed stays as it was, namespaces that nobody here knows included; libvirt drops
/// comments by itself.
package enum DomainEditor {
  /// The definition with each of `changes` made, for `virDomainDefineXMLFlags`.
  ///
  /// - Throws: ``DomainXMLError`` where the XML is no definition, or has no place for a change.
  package static func edited(
    _ xml: String, _ changes: [Change]
  ) throws(DomainXMLError) -> String {
    let definition = try DomainDefinition.read(xml).configuration
    return try XMLDocument.read(xml.utf8Span.span, root: "domain", options: 0) {
      (document, domain) throws(DomainXMLError) in
      for change in changes {
        try domain.make(change, definition)
      }
      return try document.text()
    }
  }

  /// The definition without all that a redefinition may change, in a form that compares.
  ///
  /// - Throws: ``DomainXMLError`` where the XML is no definition.
  package static func withoutMemory(_ xml: String) throws(DomainXMLError) -> String {
    let noBlanks = XMLDocument.withoutBlanks
    return try XMLDocument.read(xml.utf8Span.span, root: "domain", options: noBlanks) {
      (document, domain) throws(DomainXMLError) in
      for name: StaticString in ["maxMemory", "memory", "currentMemory", "memtune"] {
        domain.child(name)?.remove()
      }
      domain.child("devices")?.child("memballoon")?.child("stats")?.remove()
      if let cpu = domain.child("cpu") {
        // Where there were no cells libvirt may have inserted one, and the <cpu> around it.
        cpu.child("numa")?.remove()
        if cpu.isEmpty { cpu.remove() }
      }
      return try document.canonical()
    }
  }
}

extension XMLElement {
  /// Makes one change in `<domain>`, whose memory was `before` all changes.
  fileprivate func make(
    _ change: Change, _ before: MemoryConfiguration
  ) throws(DomainXMLError) {
    switch (change.field, change.to) {
    case (.memory, .size(let size)?): try setMemory(size, before)
    case (.currentMemory, .size(let size)?):
      try element("currentMemory", behind: "memory").setSize(size)
    case (.maxMemory, .absence?): child("maxMemory")?.remove()
    case (.maxMemorySize, .size(let size)?):
      try element("maxMemory", before: "memory").setSize(size)
    case (.maxMemorySlots, .count(let count)?):
      try element("maxMemory", before: "memory").setAttribute("slots", "\(count)")
    case (.statsPeriod, .seconds(let seconds)?): try setStatsPeriod(seconds)
    case (.hardLimit, let value?): try setLimit("hard_limit", value)
    case (.softLimit, let value?): try setLimit("soft_limit", value)
    case (.swapHardLimit, let value?): try setLimit("swap_hard_limit", value)
    case (.minGuarantee, let value?): try setLimit("min_guarantee", value)
    default: throw error("There is no way to make \(change.field) \(change.to as Any) here.")
    }
  }

  private func setMemory(
    _ size: MemorySize, _ before: MemoryConfiguration
  ) throws(DomainXMLError) {
    guard before.cells.count <= 1 else {
      throw error("The domain has \(before.cells.count) NUMA cells, and memory does not say which.")
    }
    if let numa = child("cpu")?.child("numa"), let cell = numa.child("cell") {
      cell.setAttribute("memory", "\(size.kibibytesRoundedUp)")
      cell.setAttribute("unit", "KiB")
    }
    try element("memory", behind: "name").setSize(size + before.deviceTotal)
  }

  private func setStatsPeriod(_ seconds: UInt64) throws(DomainXMLError) {
    guard let balloon = child("devices")?.child("memballoon") else {
      throw error("The domain has no <memballoon>, which <stats> belongs in.")
    }
    guard seconds > 0 else { return balloon.child("stats")?.remove() ?? () }
    let stats = balloon.child("stats") ?? balloon.append("stats")
    stats?.setAttribute("period", "\(seconds)")
  }

  /// A limit of `unlimited` or `none` is one that is not there.
  private func setLimit(_ name: StaticString, _ value: FieldValue) throws(DomainXMLError) {
    guard case .size(let size) = value else {
      guard let memtune = child("memtune") else { return }
      memtune.child(name)?.remove()
      if !memtune.children.contains(where: { _ in true }) { memtune.remove() }
      return
    }
    let memtune = try element("memtune", behind: "currentMemory", "memory")
    (memtune.child(name) ?? memtune.append("\(name)"))?.setSize(size)
  }

  private func setSize(_ size: MemorySize) {
    setAttribute("unit", "KiB")
    setText("\(size.kibibytesRoundedUp)")
  }

  /// The child of that name, made behind the first of `neighbours` where there is none.
  private func element(
    _ name: StaticString, behind neighbours: StaticString...
  ) throws(DomainXMLError) -> XMLElement {
    if let element = child(name) { return element }
    for neighbour in neighbours {
      if let new = child(neighbour)?.insertBehind("\(name)") { return new }
    }
    throw error("<domain> has no place for <\(name)>.")
  }

  /// The child of that name, made before `neighbour` where there is none.
  private func element(
    _ name: StaticString, before neighbour: StaticString
  ) throws(DomainXMLError) -> XMLElement {
    guard let element = child(name) ?? child(neighbour)?.insertBefore("\(name)") else {
      throw error("<domain> has no place for <\(name)>.")
    }
    return element
  }
}
