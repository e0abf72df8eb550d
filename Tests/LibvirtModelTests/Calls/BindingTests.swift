// SPDX-License-Identifier: Apache-2.0
import LibvirtModel
import MemoryModel
import TestSupport
import Testing

/// `virDomainSetNumaParameters`, live and persistent, and how a redefinition changes bindings.
@Suite struct BindingTests {
  static let qemu = ObservedHost(nodes: NodeSet([0...1]))
  static let session = ObservedHost(isSession: true, nodes: NodeSet([0...1]))

  static func bound(_ mode: NUMAMode?) -> ObservedDomain {
    domain { if let mode { $0.numatune.memory = binding(mode) } }
  }

  static func result(
    _ values: [String: FieldValue], _ plane: Plane, _ action: Action = .setNumaParameters,
    on domain: ObservedDomain, by host: ObservedHost = qemu
  ) -> Result<MemoryConfiguration?, Refusal> {
    let changes = values.sorted { $0.key < $1.key }.map { field, value in
      Change(field: path(field), from: domain[plane]?[path(field)], to: value)
    }
    return Result { () throws(Refusal) in
      try host.result(of: Call(action, on: plane, changes: changes), on: domain)[plane]
    }
  }

  static func rule(_ result: Result<MemoryConfiguration?, Refusal>) -> Rule? {
    guard case .failure(let refusal) = result else { return nil }
    return refusal.rule
  }

  static let moved = ["numatune.memory.nodeset": nodes(1)]
  static let lives: [(NUMAMode?, [String: FieldValue], Rule?)] = [
    (.restrictive, moved, nil), (.strict, moved, .numatuneLiveRestrictiveOnly),
    (.preferred, moved, .numatuneLiveRestrictiveOnly), (nil, moved, .numatuneLiveNeedsNumatune),
    (
      .strict, ["numatune.memory.mode": .word("restrictive")],
      .numatuneModeNeverLive
    ),
    (.restrictive, ["numatune.memory.nodeset": nodes(7)], .hostNodeMissing),
    (.restrictive, ["numatune.memory.placement": .word("auto")], .numatuneNeedsRedefinition),
  ]

  @Test(
    "libvirt changes a live binding's nodeset only, and only in restrictive mode", arguments: lives)
  func liveNodeset(mode: NUMAMode?, values: [String: FieldValue], rule: Rule?) {
    let result = Self.result(values, .live, on: Self.bound(mode))
    #expect(Self.rule(result) == rule)
    if rule == nil {
      #expect((try? result.get())?.numatune.memory.nodeset == NodeSet([1...1]))
    }
    #expect(rule == .hostNodeMissing || rule?.isLiftedByStart != false)
  }

  @Test("libvirt in session mode doesn't move a running guest")
  func sessionMode() {
    let guest = Self.bound(.restrictive)
    let live = Self.result(Self.moved, .live, on: guest, by: Self.session)
    #expect(Self.rule(live) == .numatuneSessionMode)
    let persistent = Self.result(Self.moved, .persistent, on: guest, by: Self.session)
    #expect(Self.rule(persistent) == nil)
  }

  @Test(
    "a persistent nodeset makes the placement static",
    arguments: [Action.setNumaParameters, .redefine])
  func nodeset(action: Action) throws {
    let automatic = domain {
      $0.surroundings.placesVCPUsByItself = true
      $0.numatune.memory.mode = .strict
      $0.numatune.memory.placement = .auto
    }
    let after = try Self.result(Self.moved, .persistent, action, on: automatic).get()
    #expect(after?.numatune.memory.nodeset == NodeSet([1...1]))
    #expect(after?.numatune.memory.placement == .static && after?.numatune.memory.mode == .strict)
  }

  @Test("placement auto removes the nodeset")
  func automatic() throws {
    let after = try Self.result(
      ["numatune.memory.placement": .word("auto")], .persistent, .redefine,
      on: Self.bound(.strict)
    ).get()
    #expect(after?.numatune.memory.nodeset == nil && after?.numatune.memory.mode == .strict)
  }

  @Test("libvirt refuses restrictive mode with other bindings, which would make the domain vanish")
  func restrictiveWithMemnodes() {
    var guest = Self.bound(.strict)
    guest.persistent?.cells = cells(1)
    guest.persistent?.numatune.memnodes = [
      NUMAMemnode(cell: 0, mode: .strict, nodeset: NodeSet([0...0]))
    ]
    let old = ObservedHost(libvirt: Version(9, 0, 0))
    let mode = ["numatune.memory.mode": FieldValue.word("restrictive")]
    let result = Self.result(mode, .persistent, on: guest, by: old)
    #expect(Self.rule(result) == .restrictiveWithOtherMemnodes)
    let first = Self.result(mode, .persistent, on: Self.bound(nil))
    #expect(Self.rule(first) == .numatuneStaticNeedsNodeset)
  }

  @Test("a cell's binding without a mode is strict, which restrictive mode excludes")
  func strictByDefault() {
    var guest = Self.bound(.restrictive)
    guest.persistent?.cells = cells(1)
    let result = Self.result(
      ["numatune.memnodes.0.nodeset": nodes(0)], .persistent, .redefine, on: guest)
    #expect(Self.rule(result) == .restrictiveWithOtherMemnodes)
  }
}
