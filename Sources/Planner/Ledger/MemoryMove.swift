// SPDX-License-Identifier: Apache-2.0

internal import LibvirtModel
internal import MemoryModel

/// Memory or huge pages that a step moves between a host and a running guest, or between nodes.
struct MemoryMove: Hashable, Sendable {
  /// What it is taken from.
  var resource = MemoryResource.memory
  /// The nodes that it must come from, or that it leaves; nil if any.
  var nodes: NodeSet?
  /// How much the step takes.
  var taken = MemorySize.zero
  /// How much the step gives back.
  var given = MemorySize.zero
  /// The nodes on which the host gets the same amount back, for memory that moves between nodes.
  var origin: NodeSet?

  /// Whether the host as a whole has less or more afterwards.
  var changesHost: Bool { origin == nil }
}

/// Finds what the operations of one domain move.
struct MemoryMoves {
  private let behaviour: GuestBehaviour
  private let before: MemoryConfiguration
  private let after: MemoryConfiguration
  private let resident: MemorySize?

  /// Makes the finder for a domain as it is and as operations leave it; nil if no guest runs.
  init?(of before: ObservedDomain, after: ObservedDomain, _ behaviour: GuestBehaviour) {
    guard before.isActive, let live = before.live, let later = after.live else { return nil }
    (self.before, self.after) = (live, later)
    self.behaviour = behaviour
    resident = before.statistics?.resident
  }

  /// What `operation` moves.
  func moves(of operation: Operation) -> [MemoryMove] {
    // The plan of the call that asked the guest has counted what a wait is for.
    guard let call = operation.call, call.plane == .live else { return [] }
    return switch call.action {
    case .setMemory: balloon(operation)
    case .attachDevice, .detachDevice, .updateDevice: device(operation)
    case .setNumaParameters: binding(call)
    case .setMaxMemory, .setMemoryParameters, .setMemoryStatsPeriod, .redefine: []
    }
  }

  /// A balloon gives back no huge pages, because it takes memory from the guest in small pages.
  ///
  /// For devices of the host all of the guest's memory is pinned, whatever the balloon leaves of it.
  private func balloon(_ operation: Operation) -> [MemoryMove] {
    let parts = behaviour.areOnHugepages(partsOf: after)
    guard parts.contains(false), !after.surroundings.hasHostDevices else { return [] }
    let gives = !parts.contains(true) && !after.surroundings.keepsMemory
    return [
      MemoryMove(
        nodes: after.hostNodesOfRAM, taken: operation.takenLive,
        given: gives ? operation.givenLive : .zero)
    ]
  }

  private func device(_ operation: Operation) -> [MemoryMove] {
    let taken = operation.takenLive
    var given = operation.givenLive
    guard let item = operation.changes.first?.field.item,
      let (device, definition) = [before, after].lazy.compactMap({ definition in
        definition.devices.first { $0.hasKey(item) }.map { ($0, definition) }
      }).first
    else { return [MemoryMove(taken: taken, given: given)] }
    // Persistent memory is a file or a device of the host.
    guard device.model != .nvdimm, device.model != .virtioPmem else { return [] }
    // A device that goes frees its memory in any case.
    if operation.call?.action == .updateDevice && after.surroundings.keepsMemory { given = .zero }
    let nodes = definition.hostNodes(behind: device)
    guard behaviour.isOnHugepages(device, in: definition) else {
      return [MemoryMove(nodes: nodes, taken: taken, given: given)]
    }
    func pages(_ amount: MemorySize) -> (size: MemorySize, amount: MemorySize)? {
      behaviour.hugepages(amount, behind: device, in: definition)
        .map { ($0.size, $0.size * $0.count) }
    }
    // Pages of an unknown size are in no account.
    guard let taking = pages(taken), let giving = pages(given) else { return [] }
    return [
      MemoryMove(
        resource: .hugepages(taking.size), nodes: nodes, taken: taking.amount,
        given: giving.amount)
    ]
  }

  /// All of the guest's memory moves to the new nodes within the call.
  ///
  /// How much of it is on nodes that the guest keeps is unknown. It is at most what is in use there,
  /// so only the rest counts. No more of it moves than is in use on the nodes that the guest leaves.
  private func binding(_ call: Call) -> [MemoryMove] {
    guard let change = call.changes.first(where: { $0.field.name == .numatuneNodeset }),
      case .nodes(let origin)? = change.from, case .nodes(let target)? = change.to
    else { return [] }
    let left = origin.subtracting(target)
    let kept = origin.subtracting(left)
    guard !left.isEmpty, let there = memoryInUse(on: kept) else { return [] }
    let moved = min(held - there, memoryInUse(on: left) ?? held)
    let memory = MemoryMove(nodes: target, taken: moved, origin: left)
    guard kept.isEmpty else { return [memory] }
    return [memory]
      + behaviour.hugepages(of: before).filter { $0.nodes == origin }.map {
        MemoryMove(
          resource: .hugepages($0.size), nodes: target, taken: $0.size * $0.count, origin: origin)
      }
  }

  /// What QEMU holds besides huge pages; without its statistics, what the balloon leaves to the
  /// guest.
  private var held: MemorySize {
    if let resident { return resident }
    let hasPages =
      behaviour.areOnHugepages(partsOf: before).contains(true)
      || before.devices.contains { behaviour.isOnHugepages($0, in: before) }
    guard !hasPages, case .exactly(let current)? = before.currentMemory else { return .zero }
    return current
  }

  /// The memory in use on some nodes, without huge pages; nil where it is unknown, also because more
  /// is free than the nodes have besides their huge pages.
  private func memoryInUse(on numbers: NodeSet) -> MemorySize? {
    guard let all = behaviour.memory(ofNodes: numbers) else { return nil }
    let free = behaviour.nodes.filter { numbers.contains($0.number) }.compactMap(\.free)
    return free.count == numbers.count && free.total <= all ? all - free.total : nil
  }
}

extension Operation {
  /// How much memory a running guest has more after the operation.
  var takenLive: MemorySize { guestMove.map { $0.to - $0.from } ?? .zero }

  /// How much memory a running guest has less after the operation.
  var givenLive: MemorySize { guestMove.map { $0.from - $0.to } ?? .zero }

  private var guestMove: (from: MemorySize, to: MemorySize)? { call?.guestMove }
}

extension Call {
  /// The guest's memory before and after the call; nil if the call moves none of a running guest.
  fileprivate var guestMove: (from: MemorySize, to: MemorySize)? {
    guard plane == .live else { return nil }
    let moved: Change? =
      switch action {
      case .setMemory, .updateDevice: changes.first
      // A virtio-mem device takes what it plugs, every other all of its size.
      case .attachDevice, .detachDevice:
        changes.first { $0.field.name == .deviceRequested }
          ?? (isOfVirtioMem ? nil : changes.first { $0.field.name == .deviceSize })
      case .setMaxMemory, .setMemoryParameters, .setMemoryStatsPeriod, .setNumaParameters,
        .redefine:
        nil
      }
    guard let moved else { return nil }
    return (Self.size(moved.from), Self.size(moved.to))
  }

  private var isOfVirtioMem: Bool {
    let model = MemoryDevice.Model.virtioMem.fieldValue
    return changes.contains { $0.field.name == .deviceModel && ($0.from ?? $0.to) == model }
  }

  private static func size(_ value: FieldValue?) -> MemorySize {
    if case .size(let size)? = value { size } else { .zero }
  }
}
