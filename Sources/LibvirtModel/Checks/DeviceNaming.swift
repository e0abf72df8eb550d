// SPDX-License-Identifier: Apache-2.0

package import MemoryModel

/// Which of a domain's memory devices a manifest means by a name.
extension HypervisorBehaviour {
  /// The domain with its memory devices named as `desired` names them.
  ///
  /// A device that a user gave an alias is named by that. One without is the first that libvirt
  /// itself could not tell from what is desired; those that nobody means have no name.
  package func naming(_ domain: ObservedDomain, as desired: [MemoryDevice]) -> ObservedDomain {
    let behaviour = of(domain)
    var result = domain
    for plane in Plane.allCases {
      guard let devices = domain[plane]?.devices, !devices.isEmpty else { continue }
      result[plane]?.devices = behaviour.naming(devices, as: desired)
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
    for wish in wanted {
      let matches = named.indices.filter {
        named[$0].name == nil && self.matches(wish, named[$0])
      }
      guard let first = matches.first else { continue }
      // Of several that libvirt can't tell apart, one that is as it should be is the one.
      let best = matches.first { named[$0].requested == wish.requested } ?? first
      named[best].name = wish.key
      named[best].isOneOfSeveral = devices.indices.contains {
        $0 != best && devices[$0].alias == nil && hasSameIdentity(devices[$0], named[best])
      }
    }
    return named
  }

  /// Whether `device`, which has no alias, can be the one that `wish` means.
  private func matches(_ wish: MemoryDevice, _ device: MemoryDevice) -> Bool {
    guard let model = wish.model, let size = wish.size, model == device.model,
      aligned(size) == aligned(device.fullSize)
    else { return false }
    if wish.state == .absent {
      // What goes must be named as export names it, and told by all that tells it.
      let number =
        wish.key.hasPrefix("\(model.rawValue)-")
        ? UInt(wish.key.dropFirst(model.rawValue.count + 1)) : nil
      guard number != nil, wish.node == device.node else { return false }
    }
    return (wish.node == nil || wish.node == device.node)
      && (wish.block == nil || wish.block == device.block)
      && (wish.pageSize == nil || wish.pageSize == device.pageSize)
      && (wish.nodemask == nil || wish.nodemask == device.nodemask)
      && (wish.path == nil || wish.path == device.path)
  }

  /// Whether libvirt can't tell the two apart without an alias.
  private func hasSameIdentity(_ one: MemoryDevice, _ other: MemoryDevice) -> Bool {
    one.model == other.model && one.node == other.node && one.fullSize == other.fullSize
      && one.block == other.block && one.pageSize == other.pageSize
      && one.nodemask == other.nodemask && one.path == other.path
  }

  /// The size of a device as QEMU's driver aligns it at a start.
  ///
  /// An nvdimm on ppc64 is cut to whole blocks and its label, and both are rounded up alike here.
  func aligned(_ size: MemorySize) -> MemorySize {
    driver == .qemu ? size.roundedUp(toMultipleOf: guest.deviceAlignment) : size
  }
}

/// Names in the order that people expect: `dimm-2` before `dimm-10`.
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
