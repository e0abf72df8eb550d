// SPDX-License-Identifier: Apache-2.0

internal import TestSupport

/// How much a seed disturbs its runs.
enum Weather: UInt64 {
  case calm, breezy, stormy
}

/// What a seed decides of the runs' fates.
struct Fate {
  var generator: SeededGenerator
  let weather: Weather
  var isOver = false

  init(seed: UInt64) {
    generator = SeededGenerator(seed: seed &* 0x9E37_79B9 &+ 77)
    weather = Weather(rawValue: generator.next() % 3) ?? .calm
  }

  /// Whether a fault happens that happens once in `count` times in a storm.
  mutating func fault(oneIn count: UInt64) -> Bool {
    guard !isOver, weather != .calm else { return false }
    return generator.oneIn(weather == .stormy ? count : count * 5)
  }

  mutating func latency() -> Duration {
    generator.oneIn(20)
      ? .milliseconds(generator.between(100, 9000)) : .milliseconds(generator.between(1, 30))
  }
}
