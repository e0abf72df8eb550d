// SPDX-License-Identifier: Apache-2.0

internal import Documents
internal import LibvirtModel
internal import MemoryModel
internal import Synchronization
internal import TestSupport
internal import YAML

/// The hosts of a simulation, and the manifests that declare some of their domains.
struct World: Sendable {
  struct Host: Sendable {
    let name: String
    let uri: String
    let hypervisor: SimulatedHypervisor
    /// The host as it would be if virtmem had done nothing: it gets the disturbances too.
    let untouched: SimulatedHypervisor
  }

  private(set) var hosts: [Host] = []
  private(set) var manifest = ""
  /// The desired domains by UUID; undeclared domains have none.
  private(set) var desired: [String: DesiredDomain] = [:]

  init(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    let count = generator.pick([1, 1, 2, 3] as [UInt64])
    for number in 0..<count { addHost(Int(number), &generator) }
  }

  private mutating func addHost(_ number: Int, _ generator: inout SeededGenerator) {
    let (name, uri) = ("hv\(number)", "qemu+tls://hv\(number)/system")
    var observed = ObservedHost(
      uuid: "uuid-of-\(name)", hostname: name, uri: uri, driver: .qemu, libvirt: Version(9, 0, 0),
      hypervisor: HypervisorRelease("QEMU 7.2.22"), availableMemory: .gibibytes(16))
    let reserve = generator.oneIn(2) ? ", reserve: {memory: 4GiB}" : ""
    manifest += Manifest.host(name, uri, reserve.isEmpty ? "" : String(reserve.dropFirst(2)))
    var faults = SimulatedHypervisor.Faults()
    for index in 0..<generator.between(1, 4) {
      let uuid = "\(number)\(index)000000-0000-4000-8000-000000000000"
      var domain: ObservedDomain
      if generator.oneIn(2) {
        domain = addSimple("d\(index)", uuid, on: name, &generator)
      } else {
        domain = addScene("d\(index)", uuid, on: name, &generator)
      }
      domain.uuid = uuid
      observed.domains.append(domain)
      switch generator.next() % 6 {
      case 0: faults.unresponsiveGuests.insert(uuid)
      case 1, 2: faults.slowGuests[uuid] = .mebibytes(generator.between(64, 2048))
      default: break
      }
    }
    hosts.append(
      Host(
        name: name, uri: uri, hypervisor: SimulatedHypervisor(observed, faults: faults),
        untouched: SimulatedHypervisor(observed)))
  }

  /// A guest with a balloon and perhaps virtio-mem, whose manifest moves them.
  private mutating func addSimple(
    _ name: String, _ uuid: String, on host: String, _ generator: inout SeededGenerator
  ) -> ObservedDomain {
    var definition = MemoryConfiguration()
    definition.memory = .gibibytes(8)
    definition.currentMemory = .exactly(.gibibytes(generator.between(2, 8)))
    var spec = "host: \(host), policy: {shrink: allow}"
    spec += ", currentMemory: \(generator.between(2, 8))GiB"
    if generator.oneIn(2) { spec += ", memtune: {hardLimit: \(generator.between(10, 20))GiB}" }
    if generator.oneIn(3) {
      var device = MemoryDevice(model: .virtioMem, alias: "elastic", size: .gibibytes(4))
      device.node = Count(0)
      device.block = .mebibytes(2)
      device.requested = .exactly(.gibibytes(1))
      definition.cells = [NUMACell(id: 0, memory: .gibibytes(8))]
      definition.maxMemory = MaxMemory(size: .gibibytes(32))
      definition.maxMemory.slots = Count(8)
      definition.devices = [device]
      spec += ", devices: {elastic: {requested: \(generator.between(0, 4))GiB}}"
    }
    var live = definition
    if !live.devices.isEmpty {
      live.devices[0].plugged = .gibibytes(1)
      if case .exactly(let size)? = live.currentMemory {
        live.currentMemory = .exactly(size + .gibibytes(1))
      }
    }
    if !generator.oneIn(6) { declare(Manifest.domain(name, spec), uuid) }
    return ObservedDomain(
      name: name, uuid: uuid, state: .running, isActive: true, isPersistent: true, live: live,
      persistent: definition)
  }

  /// Any domain of QEMU with any manifest for it.
  private mutating func addScene(
    _ name: String, _ uuid: String, on host: String, _ generator: inout SeededGenerator
  ) -> ObservedDomain {
    var scene = RandomScene(seed: generator.next() % 100_000)
    while scene.driver != .qemu || scene.isSession {
      scene = RandomScene(seed: generator.next() % 100_000)
    }
    scene.observed.name = name
    scene.observed.job = nil
    var exported = ExportedDomain(name: name, configuration: scene.desired.configuration)
    exported.host = host
    let policy = scene.desired.policy
    let text =
      "---\n" + ManifestWriter.text(of: exported, origin: "here")
      + "  policy: {shrink: \(policy.shrink.rawValue), disruption: \(policy.disruption.rawValue)}\n"
    if !generator.oneIn(6) { declare(text.replacing("spec: {}", with: "spec:"), uuid) }
    return scene.observed
  }

  /// Adds a Domain to the manifest, if its reader takes it.
  private mutating func declare(_ text: String, _ uuid: String) {
    let (state, mistakes) = ManifestReader.read(
      sources: [YAMLSource(file: "fleet.yaml", text: manifest + text)])
    guard !mistakes.contains(where: { $0.severity == .error }), let domain = state.domains.last
    else { return }
    manifest += text
    desired[uuid] = domain
  }
}

extension World {
  /// Changes a host as another writer does, whatever virtmem does.
  func disturb(_ host: Host, _ change: (inout ObservedHost) -> Void) {
    host.hypervisor.change(change)
    host.untouched.change(change)
  }

  /// Lets every guest follow at once from now on.
  func calm() {
    for host in hosts {
      var faults = SimulatedHypervisor.Faults()
      for domain in host.hypervisor.host.domains {
        faults.slowGuests[domain.uuid] = .gibibytes(1024)
      }
      host.hypervisor.faults = faults
      // A guest that never answered follows now; a plan counts on what it sees.
      host.hypervisor.moveSlowGuests()
      host.hypervisor.change { host in
        for index in host.domains.indices where host.domains[index].state == .inShutdown {
          host.domains[index].state = .running
        }
      }
      host.untouched.change { host in
        for index in host.domains.indices where host.domains[index].state == .inShutdown {
          host.domains[index].state = .running
        }
      }
    }
  }
}
