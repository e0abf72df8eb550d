// SPDX-License-Identifier: Apache-2.0
import LibvirtModel
import MemoryModel

/// A call that the model refuses although libvirt accepts it, and the model's reason.
struct KnownDifference: Sendable, CustomStringConvertible {
  /// Why the model refuses the call.
  enum Reason: Equatable {
    /// The domain doesn't start.
    case start
    /// libvirt's result is not the requested one.
    case other(String)
  }

  /// The constraint that refuses the call.
  let rule: Rule
  /// Why the model refuses the call.
  let reason: Reason
  /// The first version of libvirt that accepts it; nil if all versions before do.
  let since: Version?
  /// The first version that no longer accepts it; nil if all later versions do.
  let before: Version?
  /// A definition, and the call on it that shows the difference.
  let definition: GuestDefinition
  let call: Call

  var description: String { "\(rule.name) of \(call.action.rawValue)" }

  /// Whether libvirt of `version` differs in this way if `constraint` refuses `action`.
  func covers(_ rule: Rule, of action: Action, _ version: Version) -> Bool {
    self.rule == rule && (action == .redefine) == (call.action == .redefine)
      && isIn(version)
  }

  /// Whether libvirt of `version` should accept the call.
  func isIn(_ version: Version) -> Bool {
    since.map { $0 <= version } ?? true && before.map { version < $0 } ?? true
  }

  static let all = ofCalls + ofRedefinitions + ofStarts

  private static let ofCalls = [
    KnownDifference(
      .noBalloonDevice, .other("the call has no effect"), ["currentMemory": .size(.mebibytes(128))],
      on: withoutBalloon, by: .setMemory),
    KnownDifference(
      .guestNotRunning, .other("the guest does not follow before it runs again"),
      ["currentMemory": .size(.mebibytes(128))], by: .setMemory, at: .live),
    KnownDifference(
      .hostNodeMissing, .start,
      ["numatune.memory.mode": .word("strict"), "numatune.memory.nodeset": missingNodes],
      by: .setNumaParameters),
    // The lab doesn't try this call before 9.4: see makesDomainVanish.
    KnownDifference(
      .restrictiveWithOtherMemnodes, .other("no redefinition of it is taken any more"),
      ["numatune.memory.mode": .word("restrictive")], since: Version(9, 4, 0), on: bound,
      by: .setNumaParameters),
  ]

  private static let ofRedefinitions = [
    KnownDifference(
      .noBalloonDevice, .other("libvirt keeps settings of a device that is not there"),
      ["memballoon.autodeflate": .flag(true)], on: withoutBalloon),
    KnownDifference(
      .currentMemoryAboveReach, .other("libvirt lowers the figure"),
      ["currentMemory": .size(.gibibytes(1))]),
    KnownDifference(
      .hardLimitAboveSwapHardLimit, .other("no call takes the limits any more"),
      [
        "memtune.hardLimit": .size(.gibibytes(2)), "memtune.swapHardLimit": .size(.gibibytes(1)),
      ]),
    KnownDifference(
      .hugepagesNodesetWithoutCells, .other("libvirt drops an entry for cell 0"),
      [
        "memoryBacking.hugepages":
          .pages([Hugepage(size: .mebibytes(2), cells: NodeSet([0...0]))])
      ]),
    KnownDifference(
      .numaCellNeededByMaxMemory, .other("libvirt makes the cell anew"), ["numa": .absence],
      since: Version(9, 6, 0), on: roomy),
    KnownDifference(
      .numaCPUsLeftOver, .other("libvirt gives cell 0 other processors"),
      ["numa.cells.0.cpus": .nodes(NodeSet([0...0]))], on: roomy),
    KnownDifference(
      .deviceFieldOfOtherModel, .other("libvirt drops the field"),
      device("dimm", ["node": .count(0), "alignSize": .size(.mebibytes(2))]), on: roomy),
    KnownDifference(
      .numatuneFollowsVCPUPlacement, .other("libvirt has numad choose again"),
      ["numatune": .absence],
      on: placedAutomatically),
    KnownDifference(
      .numaCellNeedsMemory, .other("nothing is written of a cell that is not there"),
      ["numa.cells.0.discard": .flag(false)]),
  ]

  /// Definitions that libvirt accepts and that don't start.
  private static let ofStarts = [
    KnownDifference(.tooManySlots, .start, ["maxMemory.slots": .count(257)], on: roomy),
    KnownDifference(
      .slotsWithoutRoom, .start, ["maxMemory.size": .size(.mebibytes(256))], on: roomy),
    KnownDifference(
      .alignedMemoryAboveMaxMemory, .start,
      device("dimm", ["node": .count(0), "size": .size(.kibibytes(65_537))])
        .merging(["maxMemory.size": .size(.kibibytes(262_144 + 65_537))]) { $1 }, on: roomy),
    KnownDifference(.dimmNeedsACPI, .start, device("dimm", ["node": .count(0)]), on: bare),
    KnownDifference(
      .numaCellWithoutMemory, .start, ["numa.cells.1.memory": .size(.zero)],
      before: Version(12, 8, 0), on: roomy),
    KnownDifference(
      .numaCell0WithoutCPUs, .start,
      [
        "numa.cells.0.memory": .size(.mebibytes(128)),
        "numa.cells.1.memory": .size(.mebibytes(128)),
        "numa.cells.1.cpus": .nodes(NodeSet([0...0])),
      ], before: Version(11, 3, 0)),
    KnownDifference(
      .hugepagesNotWhole, .start,
      [
        "memory": .size(.mebibytes(255)), "memoryBacking.source": .word("memfd"),
        "memoryBacking.hugepages": .pages([Hugepage(size: .mebibytes(2))]),
      ]),
    KnownDifference(
      .deviceAddressesOverlap, .start, ["devices.a.size": .size(.mebibytes(256))],
      before: Version(9, 8, 0), on: neighbours),
    KnownDifference(
      .virtioPmemStartNeeds9_4, .start, device("virtio-pmem", ["path": .word("/tmp/pmem")]),
      before: Version(9, 4, 0), on: roomy),
    KnownDifference(
      .virtioMemBlockTooSmall, .start,
      device("virtio-mem", elastic.merging(["pageSize": .size(.gibibytes(1))]) { $1 }),
      on: roomy),
    KnownDifference(
      .virtioMemBlockMultiple, .start,
      device(
        "virtio-mem",
        elastic.merging(["size": .size(.mebibytes(254)), "block": .size(.mebibytes(4))]) { $1 }),
      on: roomy),
    KnownDifference(
      .virtioMemWithLocked, .start,
      device("virtio-mem", elastic).merging(["memoryBacking.locked": .flag(true)]) { $1 },
      on: roomy),
    KnownDifference(
      .hostNodeMissing, .start,
      ["numatune.memory.mode": .word("strict"), "numatune.memory.nodeset": missingNodes]),
  ]

  // MARK: Definitions and values

  private static let missingNodes = FieldValue.nodes(NodeSet([0...7]))

  private static let withoutBalloon = GuestDefinition(balloon: "<memballoon model='none'/>")

  /// A maxMemory, a cell and three processors.
  private static let roomy = GuestDefinition(
    memory: "<maxMemory slots='8' unit='GiB'>4</maxMemory><memory unit='MiB'>256</memory>",
    cells: [256 << 10], vcpus: 3)

  private static let bare = GuestDefinition(
    memory: "<maxMemory slots='8' unit='GiB'>4</maxMemory><memory unit='MiB'>256</memory>",
    cells: [256 << 10], features: "")

  /// Two DIMMs whose start addresses are 128 MiB apart.
  private static let neighbours = GuestDefinition(
    memory: "<maxMemory slots='8' unit='GiB'>4</maxMemory><memory unit='MiB'>384</memory>",
    cells: [256 << 10],
    devices: [("a", "0x100000000"), ("b", "0x108000000")].enumerated().map { slot, device in
      """
      <memory model='dimm'><target><size unit='MiB'>64</size><node>0</node></target>\
      <alias name='ua-\(device.0)'/>\
      <address type='dimm' slot='\(slot)' base='\(device.1)'/></memory>
      """
    }.joined())

  private static let bound = GuestDefinition(
    cells: [256 << 10],
    more: """
      <numatune><memory mode='strict' nodeset='0'/>\
      <memnode cellid='0' mode='strict' nodeset='0'/></numatune>
      """)

  private static let placedAutomatically = GuestDefinition(
    more: "<numatune><memory mode='strict' placement='auto'/></numatune>")

  private static func device(
    _ model: String, _ more: [String: FieldValue]
  ) -> [String: FieldValue] {
    let all: [String: FieldValue] = ["model": .word(model), "size": .size(.gibibytes(1))]
    let values = all.merging(more) { $1 }.map { ("devices.x.\($0)", $1) }
    return Dictionary(uniqueKeysWithValues: values)
  }

  private static let elastic: [String: FieldValue] = [
    "node": .count(0), "block": .size(.mebibytes(2)), "requested": .size(.zero),
  ]

  private init(
    _ rule: Rule, _ reason: Reason, _ values: [String: FieldValue],
    since: Version? = nil, before: Version? = nil,
    on definition: GuestDefinition = GuestDefinition(), by action: Action = .redefine,
    at plane: Plane = .persistent
  ) {
    self.rule = rule
    self.reason = reason
    self.since = since
    self.before = before
    self.definition = definition
    let changes = values.sorted { $0.key < $1.key }.compactMap { name, value in
      FieldPath(name).map { Change(field: $0, from: nil, to: value) }
    }
    call = Call(action, on: plane, changes: changes)
  }
}

extension Call {
  /// Whether libvirt before 9.4 would save a definition that it can't read again, so that the call
  /// must not be made: the domain would be gone at the daemon's next start.
  func makesDomainVanish(_ refusal: Refusal, _ version: Version) -> Bool {
    version < Version(9, 4, 0) && action == .setNumaParameters
      && refusal.rule == .restrictiveWithOtherMemnodes
  }
}
