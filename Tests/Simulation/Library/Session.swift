// SPDX-License-Identifier: Apache-2.0

internal import Commands
internal import LibvirtModel
internal import MemoryModel
internal import Synchronization
internal import TestSupport

/// The world of one seed and all that goes on in it.
struct Session {
  let scheduler: Scheduler
  let world: World
  let trace: Trace
  let faults: Faults
  let mutant: Mutant?
  /// How many domains of a host may be under way at the same time; `--parallel`.
  let width: Int

  init(seed: UInt64, mutant: Mutant?) {
    scheduler = Scheduler(seed: seed)
    world = World(seed: seed)
    trace = Trace(scheduler)
    faults = Faults(seed: seed, world, trace, on: scheduler)
    self.mutant = mutant
    width = Int(1 + seed % 4)
  }

  /// The hosts by name, for the comparisons of the laws.
  var observedHosts: [String: ObservedHost] {
    Dictionary(uniqueKeysWithValues: world.hosts.map { ($0.name, $0.hypervisor.host) })
  }

  /// Begins a process of virtmem.
  func begin(_ command: ParsedCommand, lockFolder: String) -> Process {
    let process = Process(on: scheduler, isDeaf: mutant == .deaf)
    let (world, faults, trace, mutant) = (world, faults, trace, mutant)
    let environment = process.environment(lockFolder: lockFolder) {
      request async throws(HypervisorError) in
      await process.sleep(faults.latency())
      guard let host = world.hosts.first(where: { $0.uri == request.uri }),
        !faults.refusesConnection(), !process.isDead
      else {
        throw HypervisorError(.connection, call: "virConnectOpenAuth", message: "no daemon")
      }
      let link = Link(to: host, of: process, faults, trace)
      guard let mutant, mutant != .deaf else { return link }
      return MistakenLink(link, mutant, on: host.hypervisor.host)
    }
    process.begin(command, in: environment)
    return process
  }

  /// Compares every domain with what it would be without virtmem: only declared fields, and what
  /// follows from them, may differ.
  func checkUntouched() throws {
    for host in world.hosts {
      let (now, then) = (host.hypervisor.host, host.untouched.host)
      try Law.check(
        now.domains.map(\.uuid) == then.domains.map(\.uuid), "no domain comes or goes", host.name)
      for (new, old) in zip(now.domains, then.domains) {
        try check(new, old, on: now)
      }
    }
  }

  private func check(
    _ new: ObservedDomain, _ old: ObservedDomain, on host: ObservedHost
  ) throws {
    guard let desired = world.desired[new.uuid], !desired.isSuspended else {
      return try Law.check(
        new.withoutGuest == old.withoutGuest, "an undeclared domain is left as it is",
        host.hostname ?? "", new.uuid)
    }
    let declared = Set(desired.configuration.declaredFields)
    let behaviour = GuestBehaviour(of: new, on: host)
    let names = desired.configuration.devices
    let (after, before) = (
      behaviour.normalised(behaviour.naming(new, as: names)),
      GuestBehaviour(of: old, on: host).normalised(behaviour.naming(old, as: names))
    )
    for plane in Plane.allCases {
      guard let one = before[plane], let other = after[plane] else { continue }
      let fields = Set(one.declaredFields).union(other.declaredFields).subtracting(declared)
      let moves = Plane.live == plane && one.devices.contains { $0.plugged != nil }
      for field in fields
      where one[field] != other[field] && !(moves && field == .currentMemory) {
        try Law.check(
          field.follows(from: declared), "an undeclared field is left as it is: \(plane) \(field)",
          host.hostname ?? "", new.uuid)
      }
    }
  }
}

extension FieldPath {
  /// Whether libvirt may change the field by itself where it changes one of `declared`.
  fileprivate func follows(from declared: Set<FieldPath>) -> Bool {
    let groups: [Set<FieldName>] = [
      [.memory, .currentMemory, .maxMemory, .maxMemorySize, .maxMemorySlots, .cellMemory],
      [.allocation, .allocationMode, .allocationThreads],
      [
        .numatune, .numatuneMemory, .memnodes, .numatuneMode, .numatuneNodeset,
        .numatunePlacement, .memnodeState,
      ],
      // One call sends both, because libvirt compares them. What another writer changes while the
      // call is on its way is lost: libvirt has no call that compares first.
      [.hardLimit, .swapHardLimit],
    ]
    let names = Set(declared.map(\.name))
    let isOfItem = name.state != nil || item != nil || name == .numa || name == .numatune
    let hasItems = names.contains {
      $0.state != nil || $0 == .numa || $0 == .memnodes || $0 == .numatune
    }
    if groups.contains(where: { $0.contains(name) && !$0.isDisjoint(with: names) }) { return true }
    // Items come and go with all their fields, and sizes follow from them.
    if hasItems || names.contains(.balloonModel) {
      return isOfItem || groups[0].contains(name) || groups[2].contains(name)
    }
    // The first redefinition inserts the cell that a maxMemory needs.
    return isOfItem
  }
}

extension ObservedDomain {
  /// The domain without what its guest does in its own time.
  fileprivate var withoutGuest: ObservedDomain {
    var domain = self
    guard var live = domain.live, live.devices.contains(where: { $0.plugged != nil }) else {
      return domain
    }
    live.currentMemory = nil
    for index in live.devices.indices { live.devices[index].plugged = nil }
    domain.live = live
    return domain
  }
}
