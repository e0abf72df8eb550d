// SPDX-License-Identifier: Apache-2.0

import TestSupport
import MemoryModel

/// Specs of random fields, groups and items, some of which contradict each other.
struct RandomSpec {
  var generator: SeededGenerator

  init(seed: UInt64) {
    generator = SeededGenerator(seed: seed)
  }

  /// The next spec, with one field per line, and with spelling mistakes if `mistakes` is true.
  mutating func next(mistakes: Bool = false) -> String {
    let names = FieldName.outermost.shuffled(using: &generator).prefix(pick(1...6))
    return names.map { "\($0.text): \(value(FieldPath($0), mistakes))" }.joined(separator: "\n")
  }

  private mutating func pick(_ range: ClosedRange<Int>) -> Int {
    Int.random(in: range, using: &generator)
  }

  private mutating func choice(_ words: [String]) -> String {
    words[pick(0...words.count - 1)]
  }

  private mutating func value(_ path: FieldPath, _ mistakes: Bool) -> String {
    if mistakes, pick(1...15) == 1 { return choice(["none", "x", "[]", "{}", "~", "-1", "8G"]) }
    if pick(1...10) == 1 { return "unmanaged" }
    guard path.name.isGroup else { return leaf(path) }
    if Field.named(path) != nil, pick(1...6) == 1 { return "none" }
    if path.name.itemOfGroup != nil {
      let keys = (path.name == .devices ? ["a", "b", "10", "9"] : ["0", "1", "10", "9"])
        .shuffled(using: &generator).prefix(pick(0...3))
      let items = keys.map { key in (key, FieldPath(key, in: path)) }
      return mapping(items, mistakes)
    }
    let children = path.name.children.shuffled(using: &generator).prefix(pick(0...5))
    return mapping(children.map { ($0.lastPart, FieldPath($0, path.item)) }, mistakes)
  }

  private mutating func mapping(_ entries: [(String, FieldPath?)], _ mistakes: Bool) -> String {
    let texts = entries.map { key, path in
      "\(mistakes && pick(1...30) == 1 ? key + "x" : key): "
        + (path.map { value($0, mistakes) } ?? "1")
    }
    return "{\(texts.joined(separator: ", "))}"
  }

  private mutating func leaf(_ path: FieldPath) -> String {
    let size = choice(["1GiB", "2GiB", "3GiB", "2MiB", "1025bytes"])
    let range = choice(["{min: 1GiB}", "{max: 2GiB}", "{min: 2GiB, max: 3GiB}"])
    return switch Field.named(path)?.kind {
    case .size, .sizeOrZero: size
    case .sizeOrRange, .sizeOrZeroOrRange: choice([size, range])
    case .sizeOrUnlimited: choice([size, "unlimited"])
    case .sizeOrNone: choice([size, "none"])
    case .duration: choice(["0s", "10s"])
    case .count, .number: choice(["1", "2"])
    case .boolean: choice(["true", "false"])
    case .word(let words): choice(words)
    case .wordOrNone(let words): choice(words + ["none"])
    case .nodeSet: choice(["0", "0-3", "\"2,4\""])
    case .hugepages: choice(["default", "none", "[{size: 2MiB}, {size: 1GiB, nodeset: 0}]"])
    case .uuid: "6f1d2c1e-4a55-4b7e-9d7a-1b1f0a9c0d01"
    case .address: "0x140000000"
    case .text, .onlyNone, nil: "/srv/a"
    }
  }
}
