// SPDX-License-Identifier: Apache-2.0
import LibvirtModel
import MemoryModel
import TestSupport
import Testing

/// How libvirt changes a definition when it reads it.
@Suite struct NormalisationTests {
  static func normalised(
    _ version: Version = .newestKnownLibvirt, _ edit: (inout MemoryConfiguration) -> Void
  ) -> MemoryConfiguration? {
    let domain = domain(edit)
    return GuestBehaviour(of: domain, on: ObservedHost(libvirt: version))
      .normalised(domain)[.persistent]
  }

  @Test("huge pages for cell 0 apply to the whole guest if it has no cells")
  func hugepagesOfCell0() {
    let bound = Hugepages.pages([Hugepage(size: .mebibytes(2), cells: NodeSet([0...0]))])
    let bare = Self.normalised { $0.memoryBacking.hugepages = bound }
    #expect(bare?.memoryBacking.hugepages == .pages([Hugepage(size: .mebibytes(2))]))
    let celled = Self.normalised {
      $0.memoryBacking.hugepages = bound
      $0.cells = [NUMACell(id: 0, memory: .gibibytes(8))]
    }
    #expect(celled?.memoryBacking.hugepages == bound)
  }

  @Test("a virtio-pmem device is always shared")
  func pmem() {
    let device = Self.normalised {
      $0.devices = [
        MemoryDevice(model: .virtioPmem, size: .gibibytes(1)),
        MemoryDevice(model: .nvdimm, size: .gibibytes(1)),
      ]
    }
    #expect(device?.devices.map(\.access) == [.shared, nil])
  }

  @Test("an older libvirt drops fields that it doesn't know")
  func later() throws {
    func device(_ version: Version) throws -> MemoryDevice {
      let definition = Self.normalised(version) {
        var device = MemoryDevice(model: .virtioMem, size: .gibibytes(1))
        device.address = Address(bytes: 0x1_4000_0000)
        device.dynamicMemslots = true
        $0.devices = [device]
      }
      return try #require(definition?.devices.first)
    }
    #expect(try device(Version(9, 3, 0)).address == nil)
    #expect(try device(Version(9, 4, 0)).address != nil)
    #expect(try device(Version(10, 0, 0)).dynamicMemslots == nil)
    #expect(try device(Version(10, 1, 0)).dynamicMemslots == true)
  }

  @Test("a ppc64 guest rounds memory to 256 MiB at start and devices at definition")
  func roundingOnPPC64() throws {
    var power = domain {
      $0.maxMemory.size = .gibibytes(64)
      $0.devices = [MemoryDevice(model: .dimm, name: "stick0", size: .mebibytes(512))]
    }
    power.architecture = "ppc64le"
    let behaviour = GuestBehaviour(of: power, on: ObservedHost())
    func holds(_ field: FieldPath, _ size: MemorySize, on plane: Plane) throws -> Bool {
      let observed = try #require(behaviour.normalised(power)[plane])
      return behaviour.satisfies(.size(size), observed[field], field: field, on: plane)
    }
    let size = FieldPath(.deviceSize, "stick0")
    for plane in Plane.allCases {
      #expect(try holds(size, .mebibytes(300), on: plane))
      #expect(try !holds(size, .mebibytes(256), on: plane))
    }
    #expect(try holds(.memory, .mebibytes(8000), on: .live))
    #expect(try !holds(.memory, .mebibytes(8000), on: .persistent))
    #expect(try !holds(.memory, .mebibytes(7900), on: .live))
  }

  @Test("a ppc64 device that a start rounded keeps its name from the manifest")
  func deviceNameOnPPC64() {
    var power = domain {
      $0.devices = [MemoryDevice(model: .dimm, size: .mebibytes(512))]
    }
    func name(_ architecture: String) -> String? {
      power.architecture = architecture
      let declared = MemoryDevice(model: .dimm, name: "stick0", size: .mebibytes(300))
      return GuestBehaviour(of: power, on: ObservedHost())
        .naming(power, as: [declared]).live?.devices[0].name
    }
    #expect(name("ppc64") == "stick0")
    #expect(name("x86_64") == nil)
  }

  @Test("cell 0 has all processors if no cell names any")
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
      return GuestBehaviour(of: domain(), on: ObservedHost()).isAsDesired(
        field, desired, in: definition, on: .persistent)
    }
    #expect(holds(0...3))
    #expect(!holds(0...4))
  }
}
