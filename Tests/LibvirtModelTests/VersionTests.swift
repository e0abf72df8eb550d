// SPDX-License-Identifier: Apache-2.0
import LibvirtModel
import MemoryModel
import TestSupport
import Testing

/// What an older libvirt or QEMU lacks.
@Suite struct VersionTests {
  private static func refusal(
    _ changes: [String: FieldValue], libvirt: Version, qemu: Version? = nil,
    driver: HypervisorDriver = .qemu
  ) -> Refusal? {
    var guest = domain {
      $0.maxMemory = MaxMemory(size: .gibibytes(64), slots: 4)
      $0.cells = [NUMACell(id: 0, memory: .gibibytes(8))]
      $0.cells[0].cpus = NodeSet([0...0])
      $0.surroundings.vcpus = 1
    }
    guest.isActive = false
    guest.live = nil
    let call = Call(
      .redefine, on: .persistent,
      changes: changes.sorted { $0.key < $1.key }.map {
        Change(field: path($0.key), from: guest.persistent?[path($0.key)], to: $0.value)
      })
    do throws(Refusal) {
      _ = try ObservedHost(driver, libvirt: libvirt, qemu: qemu).result(of: call, on: guest)
      return nil
    } catch {
      return error
    }
  }

  @Test("of several fields that are too young for libvirt, the refusal names the first")
  func first() {
    let young = Self.device(
      "virtio-mem",
      [
        "devices.d.block": .size(.mebibytes(2)), "devices.d.requested": .size(.zero),
        "devices.d.address": .word("0x140000000"), "devices.d.dynamicMemslots": .flag(true),
      ])
    let first = min(path("devices.d.address"), path("devices.d.dynamicMemslots"))
    let refusal = Self.refusal(young, libvirt: Version(9, 0, 0))
    #expect(refusal?.instance.hasPrefix("\(first.name.lastPart) needs libvirt ") == true)
  }

  private static func device(
    _ model: String, _ others: [String: FieldValue] = [:]
  ) -> [String: FieldValue] {
    let own: [String: FieldValue] = [
      "devices.d.model": .word(model), "devices.d.size": gibibytes(1),
      "devices.d.node": .count(0),
    ]
    let elastic: [String: FieldValue] =
      model == "virtio-mem" ? ["devices.d.block": .size(.mebibytes(2))] : [:]
    return own.merging(elastic) { $1 }.merging(others) { $1 }
  }

  /// What a version of libvirt introduced, with the version before it and the version itself.
  static let ofLibvirt: [(String, [String: FieldValue], Version, Version)] = [
    (
      "memoryBacking.allocation.threads", ["memoryBacking.allocation.threads": .count(4)],
      Version(8, 1, 0), Version(8, 2, 0)
    ),
    (
      "numatune.memory.mode",
      ["numatune.memory.mode": .word("restrictive"), "numatune.memory.nodeset": nodes(0)],
      Version(7, 2, 0), Version(7, 3, 0)
    ),
    (
      "memballoon.freePageReporting", ["memballoon.freePageReporting": .flag(true)],
      Version(6, 8, 0), Version(6, 9, 0)
    ),
    (
      "memoryBacking.source", ["memoryBacking.source": .word("memfd")],
      Version(4, 9, 0), Version(6, 6, 0)
    ),
    (
      "devices.d.model", device("sgx-epc"), Version(8, 9, 0), Version(8, 10, 0)
    ),
    (
      "devices.d.model", device("virtio-mem"), Version(7, 8, 0), Version(7, 9, 0)
    ),
    (
      "devices.d.address", device("virtio-mem", ["devices.d.address": .word("0x140000000")]),
      Version(9, 3, 0), Version(9, 4, 0)
    ),
    (
      "devices.d.dynamicMemslots",
      device("virtio-mem", ["devices.d.dynamicMemslots": .flag(true)]),
      Version(10, 0, 0), Version(10, 1, 0)
    ),
    (
      "numa.cells.1.memory", ["numa.cells.1.memory": gibibytes(1)], Version(6, 5, 0),
      Version(6, 6, 0)
    ),
  ]

  @Test(
    "the model refuses a field for a libvirt before the version that introduced it",
    arguments: ofLibvirt)
  func libvirt(
    field: String, changes: [String: FieldValue], before: Version, since: Version
  ) {
    let refusal = Self.refusal(changes, libvirt: before)
    #expect(refusal?.rule.name == "libvirt-too-old")
    #expect(refusal?.fields.map(\.description).contains(field) == true)
    #expect(Self.refusal(changes, libvirt: since) == nil)
  }

  /// What needs a version of QEMU, with the version before it and the version itself.
  static let ofQEMU: [([String: FieldValue], Version, Version)] = [
    (
      ["memballoon.freePageReporting": .flag(true)], Version(5, 0, 0),
      Version(5, 1, 0)
    ),
    (device("virtio-mem"), Version(5, 0, 1), Version(5, 1, 0)),
    (device("sgx-epc"), Version(6, 2, 0), Version(7, 0, 0)),
    (
      device("virtio-mem", ["devices.d.dynamicMemslots": .flag(true)]), Version(8, 1, 0),
      Version(8, 2, 0)
    ),
  ]

  @Test(
    "the model refuses a field for a QEMU before the version that introduced it", arguments: ofQEMU)
  func qemu(changes: [String: FieldValue], before: Version, since: Version) {
    let libvirt = Version(10, 1, 0)
    #expect(
      Self.refusal(changes, libvirt: libvirt, qemu: before)?.rule.name == "qemu-too-old")
    #expect(Self.refusal(changes, libvirt: libvirt, qemu: since) == nil)
    #expect(Self.refusal(changes, libvirt: libvirt, qemu: nil) == nil)
  }

  @Test("an older libvirt takes values that mean absence and fields that it knows")
  func absence() {
    let old = Version(6, 6, 0)
    #expect(Self.refusal(["memballoon.freePageReporting": .flag(false)], libvirt: old) == nil)
    #expect(Self.refusal(["memoryBacking.discard": .flag(true)], libvirt: old) == nil)
  }

  @Test(
    "every field except the oldest names the libvirt that introduced it",
    arguments: Field.all.map(\.name))
  func since(name: FieldName) throws {
    let row = try #require(Field.named(name))
    let oldest: Set<FieldName> = [
      .memory, .currentMemory, .hardLimit, .softLimit, .swapHardLimit, .minGuarantee,
    ]
    #expect((row.since.libvirt == nil) == oldest.contains(name))
    for (value, since) in row.youngerValues {
      #expect(row.takes(value))
      #expect(try #require(since.libvirt) > #require(row.since.libvirt))
    }
  }
}

/// What the model reports about a host's versions.
@Suite struct VersionRemarkTests {
  static let hosts: [(Version, Version?, [String])] = [
    (Version(9, 0, 0), Version(7, 2, 22), []),
    (Version(12, 9, 1), nil, []),
    (Version(12, 10, 0), nil, ["libvirt-newer-than-known"]),
    (Version(13, 0, 0), Version(12, 0, 0), ["libvirt-newer-than-known"]),
    (
      Version(7, 0, 0), Version(5, 2, 0),
      ["libvirt-older-than-supported", "qemu-older-than-supported"]
    ),
  ]

  @Test("the model reports untested versions", arguments: hosts)
  func remarks(libvirt: Version, qemu: Version?, rules: [String]) {
    let host = ObservedHost(libvirt: libvirt, qemu: qemu)
    #expect(host.remarks.map(\.rule.name) == rules)
    let other = ObservedHost(.lxc, libvirt: libvirt, qemu: qemu)
    #expect(!other.remarks.contains { $0.rule.name.hasPrefix("qemu") })
  }
}
