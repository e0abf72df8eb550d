// SPDX-License-Identifier: Apache-2.0
import MemoryModel

/// Random redefinitions of the persistent definition.
extension RandomDomain {
  /// A redefinition of `domain` with one to six fields, about half of which libvirt must refuse.
  mutating func redefinition(of domain: ObservedDomain) -> Call {
    let definition = domain.persistent ?? MemoryConfiguration()
    var changes: [Change] = []
    if !oneIn(3) { changes += ceiling(definition) }
    if oneIn(3) { changes.append(change(.memory, .size(boot(definition)))) }
    if oneIn(4) { changes.append(change(.currentMemory, .size(balloonTarget(definition)))) }
    if oneIn(4) { changes += limits() }
    if oneIn(5) { changes.append(change(.statsPeriod, .seconds(between(0, 60)))) }
    if changes.isEmpty { changes = ceiling(definition) }
    return Call(.redefine, on: .persistent, changes: changes)
  }

  /// Any maxMemory, with or without slots, or none.
  mutating func ceiling(_ definition: MemoryConfiguration) -> [Change] {
    switch next() % 7 {
    case 0: [change(.maxMemory, .absence)]
    case 1, 2: [change(.maxMemorySize, .size(ceilingSize(definition)))]
    case 3: [change(.maxMemorySlots, .count(slots(definition)))]
    default:
      [
        change(.maxMemorySize, .size(ceilingSize(definition))),
        change(.maxMemorySlots, .count(slots(definition))),
      ]
    }
  }

  /// Any size, sizes just above and below the current total, and one that no host has.
  private mutating func ceilingSize(_ definition: MemoryConfiguration) -> MemorySize {
    let total = (definition.memory ?? .zero) + definition.deviceTotal
    return pick([
      .kibibytes(between(300_000, 2_000_000)), total + .kibibytes(between(1, 600_000)), total,
      total + .kibibytes(1), total - .kibibytes(1), .kibibytes(1 << 40),
    ])
  }

  /// Any number, and numbers just above and below what devices take and what QEMU supports.
  private mutating func slots(_ definition: MemoryConfiguration) -> UInt64 {
    let taken = UInt64(definition.devices.count)
    return pick([
      between(1, 32), max(1, taken), taken + 1, max(2, taken) - 1, 256, oneIn(4) ? 257 : 8,
    ])
  }
}
