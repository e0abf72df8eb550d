// SPDX-License-Identifier: Apache-2.0
import MemoryModel

/// The figures of a domain's memory as libvirt's bulk calls give them, `balloon.…`.
struct BalloonFigures: Sendable {
  /// `balloon.current`, in KiB, what virtio-mem devices have plugged counted in.
  var current: UInt64?
  /// `balloon.usable`, in KiB.
  var usable: UInt64?
  /// `balloon.rss`, in KiB.
  var resident: UInt64?
  /// `balloon.last-update`, in seconds since 1970; 0 where the guest never sent anything.
  var lastUpdate: UInt64?

  /// The statistics at `now`, in seconds since 1970, less what virtio-mem devices have plugged.
  ///
  /// Nil where the driver told nothing.
  func statistics(of live: MemoryConfiguration?, at now: UInt64) -> BalloonStatistics? {
    guard current != nil || resident != nil else { return nil }
    let plugged = (live?.devices ?? []).compactMap(\.plugged).total
    return BalloonStatistics(
      actual: current.map { .kibibytes($0) - plugged },
      usable: usable.map(MemorySize.kibibytes),
      resident: resident.map(MemorySize.kibibytes),
      // The host's clock may be ahead of ours.
      ageSeconds: lastUpdate.flatMap { $0 == 0 ? nil : now - min($0, now) })
  }
}
