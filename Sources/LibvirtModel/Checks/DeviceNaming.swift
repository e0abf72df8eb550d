// SPDX-License-Identifier: Apache-2.0

package import MemoryModel

/// Finds the memory device that a manifest means by a name.
extension GuestBehaviour {
  /// Returns the domain with its memory devices named as `desired` names them.
  ///
  /// A device with a user alias has it as its name. Each other desired device gives its name to the
  /// first device without a name that libvirt could not tell from it. A device that matches no
  /// desired one has no name.
  package func naming(_ domain: ObservedDomain, as desired: [MemoryDevice]) -> ObservedDomain {
    var result = domain
    for plane in Plane.allCases {
      guard let devices = domain[plane]?.devices, !devices.isEmpty else { continue }
      result[plane]?.devices = naming(devices, as: desired)
    }
    return result
  }

  private func naming(
    _ devices: [MemoryDevice], as desired: [MemoryDevice]
  ) -> [MemoryDevice] {
    var named = devices
    for index in named.indices { named[index].name = named[index].alias }
    let aliases = Set(devices.compactMap(\.alias))
    let wanted = desired.filter { !aliases.contains($0.key) }
      .sorted { NaturalOrder($0.key) < NaturalOrder($1.key) }
    for declared in wanted {
      let matches = named.indices.filter {
        named[$0].name == nil && self.matches(declared, named[$0])
      }
      guard let first = matches.first else { continue }
      // If libvirt can't tell several apart, one that has the desired requested size is preferred.
      let best = matches.first { named[$0].requested == declared.requested } ?? first
      named[best].name = declared.key
      named[best].isOneOfSeveral = devices.indices.contains {
        $0 != best && devices[$0].alias == nil && devices[$0].identity == named[best].identity
      }
    }
    return named
  }

  /// Whether `device`, which has no alias, can be the device that `wish` describes.
  private func matches(_ declared: MemoryDevice, _ device: MemoryDevice) -> Bool {
    guard let model = declared.model, declared.size != nil else { return false }
    if declared.state == .absent {
      // A device to be removed must have a name as export gives it, like `dimm-2`, and exactly the
      // same node, so that no other device is removed.
      let number =
        declared.key.hasPrefix("\(model.rawValue)-")
        ? UInt(declared.key.dropFirst(model.rawValue.count + 1)) : nil
      guard number != nil, declared.node == device.node else { return false }
    }
    return device.identity.has(declared.identity, align: aligned)
  }

  /// The size to which QEMU's driver aligns a device at a start.
  ///
  /// libvirt cuts an nvdimm on ppc64 down to whole blocks plus its label; here it is rounded up
  /// like every other device.
  func aligned(_ size: MemorySize) -> MemorySize {
    driver == .qemu ? size.roundedUp(toMultipleOf: guest.deviceAlignment) : size
  }
}

/// Sorts names by the numbers at their ends: `dimm-2` before `dimm-10`.
private struct NaturalOrder: Comparable {
  private let stem: Substring
  private let number: UInt

  init(_ name: String) {
    let digits = name.reversed().prefix { $0.isASCII && $0.isNumber }.count
    stem = name.dropLast(digits)
    number = UInt(name.suffix(digits)) ?? 0
  }

  static func < (left: NaturalOrder, right: NaturalOrder) -> Bool {
    (left.stem, left.number) < (right.stem, right.number)
  }
}
