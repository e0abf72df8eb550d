// SPDX-License-Identifier: Apache-2.0
import MemoryModel

/// The place and the form of a field's value in the XML.
struct XMLLeaf {
  /// The form of a value.
  enum Form {
    /// As the element's text.
    case text
    /// As the element's text in KiB, with `unit='KiB'`.
    case size
    /// As an attribute.
    case attribute(StaticString)
    /// As an attribute in KiB, with `unit='KiB'` on the element.
    case sizeAttribute(StaticString)
    /// As this word in an attribute if the flag equals `when`, otherwise not at all.
    case word(StaticString, StaticString, when: Bool)
    /// As the element itself if the flag equals `when`, otherwise not at all.
    case presence(when: Bool)
  }

  /// The elements from the domain, or from the field's item, down to the element of the value.
  let path: [StaticString]
  let form: Form

  init(_ form: Form, _ path: StaticString...) {
    self.form = form
    self.path = path
  }

  /// The place of the field `name`; nil for a field with a special form.
  static func named(_ name: FieldName) -> XMLLeaf? { leaves[name] }

  private static let leaves = ofDomain.merging(ofItems) { first, _ in first }

  private static let ofDomain: [FieldName: XMLLeaf] = [
    .maxMemorySize: XMLLeaf(.size, "maxMemory"),
    .maxMemorySlots: XMLLeaf(.attribute("slots"), "maxMemory"),
    .currentMemory: XMLLeaf(.size, "currentMemory"),
    .dumpCore: XMLLeaf(.word("dumpCore", "off", when: false), "memory"),
    .hardLimit: XMLLeaf(.size, "memtune", "hard_limit"),
    .softLimit: XMLLeaf(.size, "memtune", "soft_limit"),
    .swapHardLimit: XMLLeaf(.size, "memtune", "swap_hard_limit"),
    .minGuarantee: XMLLeaf(.size, "memtune", "min_guarantee"),
    .sharePages: XMLLeaf(.presence(when: false), "memoryBacking", "nosharepages"),
    .locked: XMLLeaf(.presence(when: true), "memoryBacking", "locked"),
    .source: XMLLeaf(.attribute("type"), "memoryBacking", "source"),
    .access: XMLLeaf(.attribute("mode"), "memoryBacking", "access"),
    .allocationMode: XMLLeaf(.attribute("mode"), "memoryBacking", "allocation"),
    .allocationThreads: XMLLeaf(.attribute("threads"), "memoryBacking", "allocation"),
    .discard: XMLLeaf(.presence(when: true), "memoryBacking", "discard"),
    .numatuneMode: XMLLeaf(.attribute("mode"), "numatune", "memory"),
    .numatuneNodeset: XMLLeaf(.attribute("nodeset"), "numatune", "memory"),
    .numatunePlacement: XMLLeaf(.attribute("placement"), "numatune", "memory"),
    .balloonModel: XMLLeaf(.attribute("model"), "devices", "memballoon"),
    .autodeflate: XMLLeaf(.word("autodeflate", "on", when: true), "devices", "memballoon"),
    .freePageReporting: XMLLeaf(
      .word("freePageReporting", "on", when: true), "devices", "memballoon"),
    .statsPeriod: XMLLeaf(.attribute("period"), "devices", "memballoon", "stats"),
  ]

  private static let ofItems: [FieldName: XMLLeaf] = [
    .memnodeMode: XMLLeaf(.attribute("mode")),
    .memnodeNodeset: XMLLeaf(.attribute("nodeset")),
    .cellCPUs: XMLLeaf(.attribute("cpus")),
    .cellMemory: XMLLeaf(.sizeAttribute("memory")),
    .cellAccess: XMLLeaf(.attribute("memAccess")),
    .cellDiscard: XMLLeaf(.word("discard", "yes", when: true)),
    .deviceModel: XMLLeaf(.attribute("model")),
    .deviceSize: XMLLeaf(.size, "target", "size"),
    .deviceBlock: XMLLeaf(.size, "target", "block"),
    .deviceRequested: XMLLeaf(.size, "target", "requested"),
    .deviceNode: XMLLeaf(.text, "target", "node"),
    .deviceAccess: XMLLeaf(.attribute("access")),
    .deviceDiscard: XMLLeaf(.word("discard", "yes", when: true)),
    .devicePageSize: XMLLeaf(.size, "source", "pagesize"),
    .deviceNodemask: XMLLeaf(.text, "source", "nodemask"),
    .devicePath: XMLLeaf(.text, "source", "path"),
    .deviceAlignSize: XMLLeaf(.size, "source", "alignsize"),
    .deviceLabelSize: XMLLeaf(.size, "target", "label", "size"),
    .devicePmem: XMLLeaf(.presence(when: true), "source", "pmem"),
    .deviceReadOnly: XMLLeaf(.presence(when: true), "target", "readonly"),
    .deviceUUID: XMLLeaf(.text, "uuid"),
    .deviceAddress: XMLLeaf(.attribute("base"), "target", "address"),
    .deviceDynamicMemslots: XMLLeaf(.word("dynamicMemslots", "yes", when: true), "target"),
  ]
}

extension XMLElement {
  /// Writes `value` at the place `leaf`.
  ///
  /// It removes what is there for nil, and for values that libvirt expresses by leaving the element
  /// or attribute out.
  func write(_ value: FieldValue?, at leaf: XMLLeaf) throws(DomainXMLError) {
    guard let text = try leaf.text(for: value, of: self) else { return take(leaf) }
    var element = self
    for name in leaf.path { element = try element.made(name) }
    switch leaf.form {
    case .text: element.setText(text)
    case .size:
      element.setAttribute("unit", "KiB")
      element.setText(text)
    case .attribute(let name), .word(let name, _, _): element.setAttribute("\(name)", text)
    case .sizeAttribute(let name):
      element.setAttribute("\(name)", text)
      element.setAttribute("unit", "KiB")
    case .presence: break
    }
  }

  /// Removes the value at the place `leaf`, and the elements that become empty.
  func take(_ leaf: XMLLeaf) {
    var element = self
    for name in leaf.path {
      guard let child = element.child(name) else { return }
      element = child
    }
    switch leaf.form {
    case .text: element.setText(nil)
    case .size:
      element.setText(nil)
      element.setAttribute("unit", nil)
    case .attribute(let name), .word(let name, _, _): element.setAttribute("\(name)", nil)
    case .sizeAttribute(let name):
      element.setAttribute("\(name)", nil)
      element.setAttribute("unit", nil)
    case .presence: element.setText(nil)
    }
    prune(leaf.path)
  }
}

extension XMLLeaf {
  /// The text of `value`; nil if libvirt expresses the value by leaving it out.
  fileprivate func text(
    for value: FieldValue?, of element: XMLElement
  ) throws(DomainXMLError) -> String? {
    switch (value, form) {
    case (nil, _), (.absence, _), (.unlimited, _): return nil
    case (.flag(let flag), .word(_, let word, let written)):
      return flag == written ? "\(word)" : nil
    case (.flag(let flag), .presence(let written)): return flag == written ? "" : nil
    case (.size(let size), .size), (.size(let size), .sizeAttribute):
      return "\(size.kibibytesRoundedUp)"
    case (.seconds(let seconds), .attribute): return seconds > 0 ? "\(seconds)" : nil
    case (.count(let count), .attribute), (.count(let count), .text): return "\(count)"
    case (.nodes(let nodes), .attribute), (.nodes(let nodes), .text):
      return nodes.isEmpty ? nil : "\(nodes)"
    case (.word(let word), .attribute), (.word(let word), .text):
      guard word.unicodeScalars.allSatisfy(Self.isOfXML) else {
        throw element.error("XML has no way to write a control character, as a text has here.")
      }
      return word.isEmpty ? nil : word
    default:
      let place = path.last.map { "<\($0)>" } ?? "<\(element.name.string)>"
      throw element.error("There is no way to write \(value?.description ?? "") in \(place).")
    }
  }

  /// Whether XML 1.0 allows the character.
  private static func isOfXML(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x9, 0xA, 0xD, 0x20...0xD7FF, 0xE000...0xFFFD, 0x10000...0x10FFFF: true
    default: false
    }
  }
}
