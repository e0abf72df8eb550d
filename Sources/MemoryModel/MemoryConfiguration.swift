// SPDX-License-Identifier: Apache-2.0

/// A domain's memory: as it is desired, as it runs, or as it will start.
///
/// One type for all three. A leaf that is nil is not managed (desired) or not there (observed).
public struct MemoryConfiguration: Hashable, Sendable {
  /// The ceiling for boot RAM and all memory devices; `<maxMemory>`.
  public var maxMemory = MaxMemory()
  /// RAM at boot, memory devices not counted; `<memory>` less those, or the sum of the cells.
  public var memory: MemorySize?
  /// The balloon's figure, virtio-mem not counted; `<currentMemory>`.
  public var currentMemory: MemoryTarget?
  /// Host limits; `<memtune>`.
  public var memtune = MemoryTuning()
  /// The balloon device; `<memballoon>`.
  public var memballoon = MemoryBalloon()
  /// Whether the guest's memory is locked in host RAM, `<locked/>`: read, not yet changed.
  public var locked: Bool?
  /// The guest's NUMA cells in the order of their numbers; `<cpu><numa>`.
  public var cells: [NUMACell] = []
  /// The memory devices in the order of the definition; `<devices><memory>`.
  public var devices: [MemoryDevice] = []

  /// Makes a configuration with no value at all.
  public init() {}

  /// The full sizes of all memory devices, which `<memory>` counts and ``memory`` does not.
  public var deviceTotal: MemorySize {
    devices.map(\.size).total
  }

  /// Boot RAM plus DIMMs, above which no balloon gives; nil where boot RAM is not known.
  public var reach: MemorySize? {
    memory.map { $0 + devices.filter { $0.model == .dimm }.map(\.size).total }
  }
}
