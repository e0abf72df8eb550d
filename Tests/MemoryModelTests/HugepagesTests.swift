// SPDX-License-Identifier: Apache-2.0
import MemoryModel
import Testing

@Suite struct HugepagesTests {
  @Test("pages are sorted by cell, with those for all cells last")
  func sortedByCell() throws {
    let pages = [
      Hugepage(size: .gibibytes(1)), Hugepage(size: .mebibytes(2), cells: NodeSet([2...3])),
      Hugepage(size: .gibibytes(1), cells: NodeSet([0...1])),
    ]
    let ordered = [pages[2], pages[1], pages[0]]
    #expect(Hugepages(.pages(pages)) == .pages(ordered))
    #expect(Hugepages(.pages(pages.reversed())) == .pages(ordered))
  }
}
