// SPDX-License-Identifier: Apache-2.0
import LibvirtModel
import MemoryModel
import Testing

/// What libvirt makes of a definition by reading it.
@Suite struct NormalisationTests {
  static func normalised(
    _ version: LibvirtVersion = .newestKnown, _ edit: (inout MemoryConfiguration) -> Void
  ) -> MemoryConfiguration? {
    HypervisorBehaviour(driver: .qemu, version: version).normalised(domain(edit))[.persistent]
  }

  @Test("huge pages for cell 0 are for the guest, where it has no cells")
  func pages() {
    let bound = Hugepages.pages([Hugepage(size: .mebibytes(2), cells: NodeSet([0...0]))])
    let bare = Self.normalised { $0.memoryBacking.hugepages = bound }
    #expect(bare?.memoryBacking.hugepages == .pages([Hugepage(size: .mebibytes(2))]))
    let celled = Self.normalised {
      $0.memoryBacking.hugepages = bound
      $0.cells = [NUMACell(id: 0, memory: .gibibytes(8))]
    }
    #expect(celled?.memoryBacking.hugepages == bound)
  }

  @Test("virtio-pmem is shared")
  func pmem() {
    let device = Self.normalised {
      $0.devices = [
        MemoryDevice(model: .virtioPmem, size: .gibibytes(1)),
        MemoryDevice(model: .nvdimm, size: .gibibytes(1)),
      ]
    }
    #expect(device?.devices.map(\.access) == [.shared, nil])
  }

  @Test("a version drops what came later")
  func later() throws {
    func device(_ version: LibvirtVersion) throws -> MemoryDevice {
      let definition = Self.normalised(version) {
        var device = MemoryDevice(model: .virtioMem, size: .gibibytes(1))
        device.address = Address(bytes: 0x1_4000_0000)
        device.dynamicMemslots = true
        $0.devices = [device]
      }
      return try #require(definition?.devices.first)
    }
    #expect(try device(LibvirtVersion(9, 3, 0)).address == nil)
    #expect(try device(LibvirtVersion(9, 4, 0)).address != nil)
    #expect(try device(LibvirtVersion(10, 0, 0)).dynamicMemslots == nil)
    #expect(try device(LibvirtVersion(10, 1, 0)).dynamicMemslots == true)
  }

  @Test("cell 0 has all processors, where no cell names any")
  func processors() {
    let definition = Self.normalised {
      $0.surroundings.vcpus = 4
      $0.cells = [
        NUMACell(id: 0, memory: .gibibytes(4)), NUMACell(id: 1, memory: .gibibytes(4)),
      ]
    }
    guard let definition else { return }
    func holds(_ range: ClosedRange<UInt32>) -> Bool {
      var desired = MemoryConfiguration()
      let field = FieldPath(.cellCPUs, "0")
      desired[field] = .nodes(NodeSet([range]))
      return HypervisorBehaviour(driver: .qemu).isAsDesired(
        field, desired, in: definition, on: .persistent)
    }
    #expect(holds(0...3))
    #expect(!holds(0...4))
  }
}
