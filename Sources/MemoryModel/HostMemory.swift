// SPDX-License-Identifier: Apache-2.0

/// What a host has left for its guests, and what the live steps of a plan make of that.
///
/// It is of the moment and for people: the plan's document does not have it.
public struct HostMemory: Hashable, Sendable {
  /// What is available; nil where the host does not tell.
  public var available: MemorySize?
  /// What running guests take.
  public var taken: MemorySize
  /// What running guests give back.
  public var given: MemorySize

  /// Makes a host's memory.
  public init(available: MemorySize?, taken: MemorySize = .zero, given: MemorySize = .zero) {
    self.available = available
    self.taken = taken
    self.given = given
  }
}
