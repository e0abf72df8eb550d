// SPDX-License-Identifier: Apache-2.0
import DomainXML
import MemoryModel
import Testing

/// Comparing a definition before and after a redefinition must not report virtmem's own changes.
@Suite struct ComparisonTests {
  private static func domain(_ balloon: String, _ more: String = "") -> String {
    """
    <domain type='kvm'><name>a</name><memory unit='KiB'>1048576</memory>\
    <currentMemory unit='KiB'>524288</currentMemory><vcpu>2</vcpu>\(more)\
    <devices>\(balloon)</devices></domain>
    """
  }

  private static func change(
    _ name: FieldName, _ from: FieldValue?, _ to: FieldValue?
  ) -> Change {
    Change(field: FieldPath(name), from: from, to: to)
  }

  @Test("the comparison ignores the only cell's memory and new cells, in any order of changes")
  func memoryWithCells() throws {
    let before = """
      <domain><name>a</name><memory>262144</memory><cpu><numa>\
      <cell id='0' cpus='0' memory='262144' unit='KiB'/></numa></cpu></domain>
      """
    let changes = [
      Change(field: .memory, from: .size(.mebibytes(256)), to: .size(.mebibytes(320))),
      Change(field: FieldPath(.cellMemory, "1"), from: nil, to: .size(.mebibytes(64))),
    ]
    for ordered in [changes, changes.reversed()] {
      let after = try DomainEditor.edited(before, ordered)
      #expect(
        try DomainEditor.withoutMemory(before, changedBy: ordered)
          == DomainEditor.withoutMemory(after, changedBy: ordered))
    }
  }

  @Test("the comparison doesn't depend on the order of the changes")
  func orderOfChanges() throws {
    let before = Self.domain("<memballoon model='virtio'><address type='pci'/></memballoon>")
    let after = Self.domain(
      """
      <memballoon model='virtio-transitional' autodeflate='on'><stats period='5'/>\
      <address type='pci' slot='1'/></memballoon>
      """)
    let changes = [
      Self.change(.balloonModel, .word("virtio"), .word("virtio-transitional")),
      Self.change(.statsPeriod, .seconds(0), .seconds(5)),
      Self.change(.autodeflate, .flag(false), .flag(true)),
    ]
    for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
      let ordered = order.map { changes[$0] }
      #expect(
        try DomainEditor.withoutMemory(before, changedBy: ordered)
          == DomainEditor.withoutMemory(after, changedBy: ordered), "\(order)")
    }
  }

  @Test("the comparison ignores a currentMemory that the editor writes out")
  func writtenCurrentMemory() throws {
    let before = Self.domain("<memballoon model='none'/>")
    let same = FieldValue.size(.gibibytes(1))
    let changes = [Self.change(.currentMemory, same, same)]
    let after = try DomainEditor.edited(before, changes)
    #expect(
      try DomainEditor.withoutMemory(before, changedBy: changes)
        == DomainEditor.withoutMemory(after, changedBy: changes))
  }

  @Test("the comparison ignores the cell that libvirt inserts for maxMemory")
  func insertedCell() throws {
    let before = Self.domain("<memballoon model='virtio'/>")
    let changes = [
      Self.change(.maxMemorySize, nil, .size(.gibibytes(2))),
      Self.change(.maxMemorySlots, nil, .count(8)),
    ]
    let after = try DomainEditor.edited(before, changes).replacing(
      "<vcpu>2</vcpu>",
      with: """
        <vcpu>2</vcpu>\
        <cpu><numa><cell id='0' cpus='0-1' memory='1048576' unit='KiB'/></numa></cpu>
        """)
    #expect(
      try DomainEditor.withoutMemory(before, changedBy: changes)
        == DomainEditor.withoutMemory(after, changedBy: changes))
    let renamed = after.replacing("<name>a</name>", with: "<name>b</name>")
    #expect(
      try DomainEditor.withoutMemory(before, changedBy: changes)
        != DomainEditor.withoutMemory(renamed, changedBy: changes))
  }

  @Test("placement auto drops a nodeset that another change adds")
  func placementAuto() throws {
    let binding = "<numatune><memory mode='strict' placement='auto'/></numatune>"
    let before = Self.domain("", binding)
    let after = try DomainEditor.edited(
      before,
      [
        Self.change(.numatuneMode, .word("strict"), .word("preferred")),
        Self.change(.numatuneNodeset, nil, .nodes(NodeSet([0...0]))),
        Self.change(.numatunePlacement, .word("auto"), .word("auto")),
      ])
    let read = try DomainDefinition.read(after).configuration.numatune.memory
    #expect(read.mode == .preferred && read.placement == .auto && read.nodeset == nil)
  }

  @Test("the editor doesn't create a cell without memory of its own")
  func cellWithoutMemory() {
    let access = Change(field: FieldPath(.cellAccess, "0"), from: nil, to: .word("shared"))
    let memory = Self.change(.memory, .size(.gibibytes(1)), .size(.gibibytes(2)))
    #expect(throws: DomainXMLError.self) {
      try DomainEditor.edited(Self.domain(""), [access, memory])
    }
  }

  @Test("of several matching devices without alias, the editor takes the exact match")
  func exactMatch() throws {
    func dimm(_ size: Int, _ source: String = "") -> String {
      "<memory model='dimm'>\(source)<target><size>\(size)</size><node>0</node></target></memory>"
    }
    let mask = "<source><nodemask>0</nodemask></source>"
    let before = Self.domain(dimm(72000) + dimm(73500, mask) + dimm(73500))
    func device(_ name: FieldName, _ value: FieldValue) -> Change {
      Change(field: FieldPath(name, "d"), from: value, to: value)
    }
    let after = try DomainEditor.edited(
      before,
      [
        device(.deviceModel, .word("dimm")), device(.deviceSize, .size(.kibibytes(73500))),
        device(.deviceNode, .count(0)),
        Change(field: FieldPath(.deviceDiscard, "d"), from: .flag(false), to: .flag(true)),
      ])
    let devices = try DomainDefinition.read(after).configuration.devices
    #expect(devices.map(\.discard) == [nil, nil, true])
  }
}
