// SPDX-License-Identifier: Apache-2.0
import MemoryModel

extension MemoryBacking {
  /// Reads a `<memoryBacking>`; libvirt merges the content of several such elements.
  mutating func read(_ element: XMLElement) throws(DomainXMLError) {
    for child in element.children {
      switch child.name {
      case "hugepages": hugepages = try Hugepages(child, behind: hugepages)
      case "nosharepages": sharePages = false
      case "locked": locked = true
      // libvirt uses the first of several such elements.
      case "source" where source == nil:
        source = try child.word("type", as: MemorySource.self).map(OrNone.some)
      case "access" where access == nil:
        access = try child.word("mode", as: MemoryAccess.self).map(OrNone.some)
      case "allocation" where allocation == MemoryAllocation():
        allocation = try MemoryAllocation(child)
      case "discard": discard = true
      default: break
      }
    }
  }
}

extension MemoryAllocation {
  /// Reads `<allocation>`; libvirt treats `threads='0'` like a missing attribute.
  fileprivate init(_ element: XMLElement) throws(DomainXMLError) {
    self.init()
    mode = try element.word("mode", as: AllocationMode.self)
    threads = try element.number("threads").flatMap { $0 > 0 ? Count(UInt64($0)) : nil }
  }
}

extension Hugepages {
  /// Reads `<hugepages>`, and adds its pages to those of `others`.
  fileprivate init(_ element: XMLElement, behind others: Hugepages?) throws(DomainXMLError) {
    var pages: [Hugepage] = if case .pages(let pages)? = others { pages } else { [] }
    for page in element.children where page.name == "page" {
      guard let size = try page.size("size"), size > .zero else {
        throw page.error(
          "<page> has no size, or one of 0. Write size='…', in KiB or with unit='…'.")
      }
      pages.append(Hugepage(size: size, cells: try page.nodeSet("nodeset")))
    }
    // libvirt ignores the order of the pages; sorting them makes definitions comparable.
    pages.sort()
    self = pages.isEmpty ? .ofDefaultSize : .pages(pages)
  }
}
