// SPDX-License-Identifier: Apache-2.0
import MemoryModel

extension MemoryDevice {
  /// Reads `<devices><memory>`; an alias only where a user gave it, and without its `ua-`.
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
    let alias = element.child("alias")?.attribute("name")
    self.init(
      model: model,
      alias: alias.flatMap { $0.hasPrefix("ua-") ? String($0.dropFirst(3)) : nil },
      size: size,
      node: try target.child("node")?.number(),
      requested: try target.child("requested")?.size(),
      // More than there is can't be plugged, whatever the XML says.
      plugged: try target.child("current")?.size().map { min($0, size) })
  }
}
