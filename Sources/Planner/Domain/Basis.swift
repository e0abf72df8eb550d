// SPDX-License-Identifier: Apache-2.0

internal import Basics
internal import LibvirtModel
package import MemoryModel

/// A hash of everything on which a domain's steps depend: `basis` before them, `goalHash` after.
///
/// It covers the host, the domain, its state, and the memory settings of both definitions that
/// steps and rules read. It leaves out values that change by themselves: the live balloon
/// target, what virtio-mem has plugged, and fields for which a range is desired.
package struct Basis: Sendable {
  private let host: ObservedHost
  /// The fields whose values are hashed: the managed ones, then their partners.
  private let facts: [FieldPath]
  /// Whether a size is managed; then cells, devices and `<maxMemory>` are hashed too.
  private let readsSizes: Bool
  /// Whether more than sizes, limits and the statistics period is managed; then whole definitions
  /// are hashed.
  private let readsAll: Bool
  private let readsBalloon: Bool
  /// The fields for which a range is desired.
  private let open: [FieldPath]

  /// The names of the devices that should be absent.
  private let leaving: Set<String>

  /// Makes the basis of steps on `host` that manage `fields`.
  package init(of fields: [PlannedField], on host: ObservedHost) {
    self.host = host
    var read = fields.map(\.path)
    readsBalloon = read.contains(.currentMemory) || read.contains(.statsPeriod)
    readsSizes = read.contains { Self.isSize($0.name) }
    readsAll = !read.allSatisfy { Self.isSingle($0.name) }
    open = fields.filter { if case .sizeRange = $0.desired { true } else { false } }.map(\.path)
    leaving = Set(
      fields.filter {
        $0.path.name == .deviceState && $0.desired == ItemState.absent.fieldValue
      }.compactMap(\.path.item))
    var partners: [FieldPath] = []
    if read.contains(.hardLimit) || read.contains(.swapHardLimit) {
      partners += [.hardLimit, .swapHardLimit]
    }
    if readsSizes {
      partners += [.maxMemory, .maxMemorySize, .maxMemorySlots, .memory, .currentMemory]
    }
    for partner in partners where !read.contains(partner) { read.append(partner) }
    facts = read
  }

  private static func isSize(_ name: FieldName) -> Bool {
    switch name {
    case .maxMemory, .maxMemorySize, .maxMemorySlots, .memory, .currentMemory: true
    default: false
    }
  }

  /// Whether the field depends on no other fields than limits and sizes.
  private static func isSingle(_ name: FieldName) -> Bool {
    switch name {
    case .hardLimit, .softLimit, .swapHardLimit, .minGuarantee, .statsPeriod: true
    default: isSize(name)
    }
  }

  /// The hash of `domain`, as `sha256:` and hexadecimal digits.
  package func fingerprint(of domain: ObservedDomain) -> String {
    fingerprint(of: domain, GuestBehaviour(of: domain, on: host).normalised(domain))
  }

  /// The hash of `domain`, whose normalised definitions are `normalised`.
  func fingerprint(of domain: ObservedDomain, _ normalised: NormalisedDomain) -> String {
    fingerprint(after: head(of: domain), normalised)
  }

  /// The hash of a domain with the definitions `normalised`, whose ``head(of:)`` is `head`.
  func fingerprint(after head: SHA256, _ normalised: NormalisedDomain) -> String {
    var (hash, text) = (head, Text())
    for plane in Plane.allCases {
      guard let definition = normalised[plane] else { continue }
      text.add("plane", plane.rawValue)
      add(definition, plane, to: &text)
    }
    hash.add(text.bytes.span)
    return "sha256:" + hash.hexadecimal()
  }

  /// The hash of what no step changes: the host, the domain and its state.
  func head(of domain: ObservedDomain) -> SHA256 {
    var text = Text()
    text.add("host", host.uuid ?? host.hostname ?? "")
    text.add("uuid", domain.uuid)
    text.add("name", domain.name)
    text.add("driver", host.driver.name)
    text.add("hypervisor", host.hypervisor?.description ?? "")
    text.add("libvirt", host.libvirt.description)
    text.add("state", domain.state.rawValue)
    text.add("kind", domain.isPersistent ? "persistent" : "transient")
    text.add("image", domain.hasManagedSave ? "saved" : "none")
    var hash = SHA256()
    hash.add(text.bytes.span)
    return hash
  }

  private func add(_ normalised: MemoryConfiguration, _ plane: Plane, to text: inout Text) {
    let definition = withPlaces(normalised)
    if readsSizes || readsAll {
      for cell in definition.cells {
        text.add("cell", UInt64(cell.id))
        text.add("memory", cell.memory?.bytes ?? 0)
      }
      for device in definition.devices {
        text.add("device", device.model?.rawValue ?? "")
        text.add("alias", device.alias ?? "")
        text.add("size", device.fullSize.bytes)
      }
    }
    if readsBalloon { text.add("balloon", definition.memballoon.model?.rawValue ?? "") }
    for field in readsAll ? definition.declaredFields : facts {
      let movesByItself = field == .currentMemory && plane == .live
      guard !movesByItself, !open.contains(field) else { continue }
      // A missing value and one that means the same are not hashed. Each value follows its field's
      // name, so the hash stays unambiguous.
      switch definition[field] {
      case nil, .absence?: continue
      case .size(let size)?: text.add(field.description, size.bytes)
      case let value? where value != Field.named(field)?.valueOfAbsence:
        text.add(field.description, value.description)
      default: continue
      }
    }
    if readsAll { add(definition.surroundings, to: &text) }
  }

  /// Returns the definition with the index as the name of each device that the plan does not name.
  ///
  /// A device that should be absent is found by more fields than the managed ones, so a saved plan
  /// may not know which device it was.
  private func withPlaces(_ definition: MemoryConfiguration) -> MemoryConfiguration {
    var result = definition
    for (index, device) in definition.devices.enumerated() where device.alias == nil {
      if device.name.map(leaving.contains) ?? true { result.devices[index].name = "#\(index)" }
    }
    return result
  }

  private func add(_ surroundings: Surroundings, to text: inout Text) {
    text.add("vcpus", UInt64(surroundings.vcpus ?? 0))
    text.add("shared", surroundings.sharedMemoryUser?.rawValue ?? "")
    text.add("machine", surroundings.machine ?? "")
    text.add("acpi", surroundings.lacksACPI ? "none" : "")
  }

  /// The text that is hashed: a line for each name and its value, with a blank between them.
  private struct Text {
    private(set) var bytes: [UInt8] = []

    init() {
      bytes.reserveCapacity(1024)
    }

    mutating func add(_ name: String, _ value: String) {
      bytes += name.utf8
      bytes.append(UInt8(ascii: " "))
      bytes += value.utf8
      bytes.append(UInt8(ascii: "\n"))
    }

    mutating func add(_ name: String, _ value: UInt64) {
      bytes += name.utf8
      bytes.append(UInt8(ascii: " "))
      bytes.append(digitsOf: value)
      bytes.append(UInt8(ascii: "\n"))
    }
  }
}
