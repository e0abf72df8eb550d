// SPDX-License-Identifier: Apache-2.0
import LibvirtModel
import MemoryModel
import TestSupport
import Testing

/// What the huge pages behind a guest's memory refuse.
@Suite struct PagesOfStartTests {
  @Test("memory that redefines a guest's one cell is whole huge pages, and not nothing")
  func memoryOfOneCell() {
    let host = ObservedHost(libvirt: Version(11, 3, 0), qemu: .init(10, 0, 0))
    func refusal(_ size: MemorySize, _ edit: (inout MemoryConfiguration) -> Void) -> Refusal? {
      let guest = domain {
        $0.cells = cells(1)
        edit(&$0)
      }
      let call = call(
        .redefine, .persistent, (.memory, .size(size)), (.currentMemory, .size(size)))
      return HotplugTests.refusal(of: call, on: guest, by: host)
    }
    let broken = refusal(.mebibytes(1536)) {
      $0.memoryBacking.hugepages = .pages([Hugepage(size: .gibibytes(1))])
    }
    #expect(broken?.rule == .hugepagesNotWhole && broken?.fields == [.memory])
    let empty = refusal(.zero) { _ in }
    #expect(empty?.rule == .numaCellWithoutMemory && empty?.fields == [.memory])
  }

  @Test("a change of memory decides about the pages of a guest's one cell, and not of several")
  func fieldsOfCells() {
    let host = ObservedHost(pageSizes: [.kibibytes(4), .mebibytes(2)])
    func naming(_ count: UInt32) -> [Bool] {
      let guest = domain {
        $0.cells = cells(count)
        $0.memoryBacking.hugepages = .ofDefaultSize
      }
      return GuestBehaviour(of: guest, on: host).hugepages(of: guest.live!)
        .map { $0.fields.contains(.memory) }
    }
    #expect(naming(1) == [true])
    #expect(naming(2) == [false, false])
  }
}
