// SPDX-License-Identifier: Apache-2.0

/// A small random number generator (SplitMix64); the same seed gives the same numbers.
package struct SeededGenerator: RandomNumberGenerator, Sendable {
  private var state: UInt64

  /// Starts from a seed, which a failing test prints.
  package init(seed: UInt64) {
    state = seed
  }

  /// The next 64 random bits.
  package mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  /// One of the elements, which must not be empty.
  package mutating func pick<Element>(_ elements: [Element]) -> Element {
    elements[Int(next() % UInt64(elements.count))]
  }

  /// True once in `count` times on average.
  package mutating func oneIn(_ count: UInt64) -> Bool { next() % count == 0 }

  /// A number from `low` to `high`, both included.
  package mutating func between(_ low: UInt64, _ high: UInt64) -> UInt64 {
    low + next() % (high - low + 1)
  }
}
