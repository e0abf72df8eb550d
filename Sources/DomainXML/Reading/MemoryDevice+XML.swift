// SPDX-License-Identifier: Apache-2.0
import MemoryModel

extension MemoryDevice {
  /// The prefix by which libvirt recognizes a user alias.
  static let aliasPrefix = "ua-"

  /// Reads `<devices><memory>`; of the alias only a user alias, without its `ua-`.
  init(_ element: XMLElement) throws(DomainXMLError) {
    guard let word = element.attribute("model") else {
      throw element.error("A memory device has no model. Write model='dimm' or another.")
    }
    guard let model = Model(rawValue: word) else {
      throw element.error(
        "virtmem does not know memory devices of model '\(word)', and without its size it can't "
          + "tell the guest's RAM at boot. Leave the domain out of the manifests.")
    }
    guard let target = element.child("target"), let size = try target.child("size")?.size() else {
      throw element.error("A memory device has no size. Write <target><size>…</size></target>.")
    }
    self.init(model: model, size: size)
    alias = element.child("alias")?.attribute("name").flatMap(Self.userAlias)
    access = try element.word("access", as: MemoryAccess.self)
    discard = try element.isYes("discard")
    uuid = try element.child("uuid")?.uuid().map { Text($0) }
    if let address = element.child("address"), address.attribute("type") == "dimm" {
      base = try address.address("base")
    }
    try readTarget(target, size)
    if let source = element.child("source") { try readSource(source) }
  }

  /// The user alias without its `ua-`; nil if it is not one, or has characters for which libvirt
  /// drops it.
  private static func userAlias(_ text: String) -> String? {
    guard text.hasPrefix(aliasPrefix) else { return nil }
    let name = String(text.dropFirst(aliasPrefix.count))
    return isName(name) ? name : nil
  }

  private mutating func readTarget(
    _ target: XMLElement, _ size: MemorySize
  ) throws(DomainXMLError) {
    dynamicMemslots = try target.isYes("dynamicMemslots")
    for child in target.children {
      switch child.name {
      case "node": node = try child.number().map { Count(UInt64($0)) }
      case "block": block = try child.size()
      case "requested": requested = try child.size().map(MemoryTarget.exactly)
      // A device can't have more plugged than its size, even if the XML says so.
      case "current": plugged = try child.size().map { min($0, size) }
      case "label": labelSize = try child.child("size")?.size()
      case "readonly": readOnly = true
      case "address": address = try child.address("base")
      default: break
      }
    }
    // libvirt treats a missing `<requested>` as zero.
    if model == .virtioMem && requested == nil { requested = .exactly(.zero) }
  }

  private mutating func readSource(_ source: XMLElement) throws(DomainXMLError) {
    for child in source.children {
      switch child.name {
      case "pagesize": pageSize = try child.size()
      case "nodemask": nodemask = try child.nodeSet()
      case "path": path = child.text.map { Text($0) }
      case "alignsize": alignSize = try child.size()
      case "pmem": pmem = true
      default: break
      }
    }
  }
}
