// SPDX-License-Identifier: Apache-2.0
import MemoryModel

/// The memory statistics of a domain in libvirt's bulk calls, `balloon.…`.
struct BalloonFigures: Sendable {
  /// `balloon.current` in KiB; libvirt includes what virtio-mem devices have plugged.
  var current: UInt64?
  /// `balloon.usable` in KiB.
  var usable: UInt64?
  /// `balloon.rss` in KiB.
  var resident: UInt64?
  /// `balloon.last-update` in seconds since 1970; 0 where the guest never sent statistics.
  var lastUpdate: UInt64?

  /// The statistics, without what the virtio-mem devices of `live` have plugged.
  ///
  /// `now` is in seconds since 1970. Nil where the driver reports neither `current` nor `rss`.
  func statistics(of live: MemoryConfiguration?, at now: UInt64) -> BalloonStatistics? {
    guard current != nil || resident != nil else { return nil }
    let plugged = (live?.devices ?? []).compactMap(\.plugged).total
    return BalloonStatistics(
      actual: current.map { .kibibytes($0) - plugged },
      usable: usable.map(MemorySize.kibibytes),
      resident: resident.map(MemorySize.kibibytes),
      // The host's clock can be ahead of this machine's.
      ageSeconds: lastUpdate.flatMap { $0 == 0 ? nil : now - min($0, now) })
  }
}
