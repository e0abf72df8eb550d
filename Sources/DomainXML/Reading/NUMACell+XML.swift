// SPDX-License-Identifier: Apache-2.0
import MemoryModel

extension NUMACell {
  /// Reads `<cell>`; `position` is its number if it has no `id`.
  init(_ element: XMLElement, position: Int) throws(DomainXMLError) {
    guard let memory = try element.size("memory") else {
      throw element.error("<cell> has no memory. Write memory='…', in KiB or with unit='…'.")
    }
    self.init(
      id: try element.number("id") ?? UInt32(position), memory: memory,
      cpus: try element.nodeSet("cpus"))
    access = try element.word("memAccess", as: MemoryAccess.self)
    discard = try element.isYes("discard")
  }
}
