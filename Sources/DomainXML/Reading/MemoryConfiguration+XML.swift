// SPDX-License-Identifier: Apache-2.0
import MemoryModel

extension MemoryConfiguration {
  /// Reads a `<domain>`, whose devices are `devices`.
  init(_ domain: XMLElement, devices: DomainDevices) throws(DomainXMLError) {
    self.init()
    cells = try Self.cells(of: domain)
    self.devices = devices.memory
    let element = domain.child("memory")
    let declared = try element?.size() ?? .zero
    // If the cells have memory, libvirt ignores `<memory>` and computes it from them.
    let ofCells = cells.compactMap(\.memory).total
    let boot = ofCells == .zero ? declared - deviceTotal : ofCells
    guard boot > .zero else { throw domain.error(Self.withoutBootMemory(declared)) }
    guard boot <= .maximum - deviceTotal else {
      throw domain.error("The memory of <domain> adds up to more than libvirt holds.")
    }
    memory = boot
    currentMemory = .exactly(try Self.balloonTarget(of: domain, total: boot + deviceTotal))
    dumpCore = try element?.isOn("dumpCore")
    maxMemory = try Self.ceiling(of: domain)
    memtune = try domain.child("memtune").map(MemoryTuning.init) ?? MemoryTuning()
    for element in domain.children where element.name == "memoryBacking" {
      try memoryBacking.read(element)
    }
    surroundings = try Self.surroundings(of: domain, devices)
    numatune = try NUMATuning(
      domain.child("numatune"), placesVCPUsByItself: surroundings.placesVCPUsByItself)
    memballoon = devices.balloon ?? MemoryBalloon()
  }

  private static func withoutBootMemory(_ declared: MemorySize) -> String {
    declared > .zero
      ? "The memory devices take all of <memory> and leave no RAM at boot. Write a larger <memory>."
      : "<domain> has neither <memory> nor NUMA cells. Write <memory>."
  }

  private static func cells(of domain: XMLElement) throws(DomainXMLError) -> [NUMACell] {
    var cells: [NUMACell] = []
    guard let numa = domain.child("cpu")?.child("numa") else { return cells }
    for child in numa.children where child.name == "cell" {
      cells.append(try NUMACell(child, position: cells.count))
    }
    cells.sort { $0.id < $1.id }
    guard cells.enumerated().allSatisfy({ $0.offset == Int($0.element.id) }) else {
      let ids = cells.map { "\($0.id)" }.joined(separator: ", ")
      throw numa.error("The cells of <numa> are \(ids). Number them from 0, each number once.")
    }
    return cells
  }

  /// The value of `<currentMemory>`; libvirt uses the total if the value is missing, zero or
  /// larger.
  private static func balloonTarget(
    of domain: XMLElement, total: MemorySize
  ) throws(DomainXMLError) -> MemorySize {
    guard let balloonTarget = try domain.child("currentMemory")?.size(), balloonTarget > .zero
    else {
      return total
    }
    return min(balloonTarget, total)
  }

  /// The value of `<maxMemory>`; libvirt treats zero like a missing element.
  private static func ceiling(of domain: XMLElement) throws(DomainXMLError) -> MaxMemory {
    guard let element = domain.child("maxMemory"), let size = try element.size(), size > .zero
    else { return MaxMemory() }
    let slots = try element.number("slots") ?? 0
    return MaxMemory(size: size, slots: slots > 0 ? Count(UInt64(slots)) : nil)
  }

  private static func surroundings(
    of domain: XMLElement, _ devices: DomainDevices
  ) throws(DomainXMLError) -> Surroundings {
    var surroundings = Surroundings()
    let vcpu = domain.child("vcpu")
    surroundings.vcpus = try vcpu.map { (vcpu) throws(DomainXMLError) in try vcpu.number() ?? 1 }
    surroundings.placesVCPUsByItself = vcpu?.attribute("placement") == "auto"
    surroundings.sharedMemoryUser = devices.sharedMemoryUser
    surroundings.pinnings = devices.pinnings
    surroundings.machine = domain.child("os")?.child("type")?.attribute("machine")
    surroundings.lacksACPI = domain.child("features")?.child("acpi") == nil
    surroundings.launchSecurity = domain.child("launchSecurity")?.attribute("type")
    surroundings.memoryArguments = CommandLine.memoryArguments(of: domain)
    return surroundings
  }
}
