// SPDX-License-Identifier: Apache-2.0
import MemoryModel

extension XMLElement {
  /// Writes `<memoryBacking><hugepages>` of a `<domain>`; nil and `none` remove it.
  func writeHugepages(_ value: FieldValue?) throws(DomainXMLError) {
    guard let value, value != .absence else {
      child("memoryBacking")?.removeChildren("hugepages")
      return prune(["memoryBacking"])
    }
    let hugepages = try made("memoryBacking").made("hugepages")
    hugepages.removeChildren("page")
    guard case .pages(let pages) = value else { return }
    for entry in pages {
      let page = try hugepages.new("page")
      page.setAttribute("size", "\(entry.size.kibibytesRoundedUp)")
      page.setAttribute("unit", "KiB")
      page.setAttribute("nodeset", entry.cells?.description)
    }
  }
}
