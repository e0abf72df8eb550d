// SPDX-License-Identifier: Apache-2.0

/// A set of small numbers: host nodes, guest cells or processors, such as `0-3,7`.
///
/// Two sets with the same numbers are equal, however they were written.
package struct NodeSet: FieldLeaf, CustomStringConvertible {
  /// One more than the largest number that libvirt accepts (`VIR_DOMAIN_CPUMASK_LEN`).
  package static let limit: UInt32 = 16384

  /// The numbers as sorted ranges, with a gap between each two.
  package private(set) var ranges: [ClosedRange<UInt32>]

  /// Makes the set of the numbers in `ranges`.
  package init(_ ranges: [ClosedRange<UInt32>] = []) {
    self.ranges = []
    for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
      if let last = self.ranges.last, range.lowerBound <= last.upperBound &+ 1 {
        let upper = max(last.upperBound, range.upperBound)
        self.ranges[self.ranges.count - 1] = last.lowerBound...upper
      } else {
        self.ranges.append(range)
      }
    }
  }

  /// Makes the set that libvirt reads from `text`, such as `0-3,^2,7`; nil for any other text.
  ///
  /// Follows `virBitmapParse`: numbers and ranges, added from left to right; `^` removes the number
  /// after it; blanks around each part are ignored. An empty set is nil too.
  package init?(_ text: String) {
    // With one bit for each number, a text of a million parts costs little more than its length.
    var members = Members()
    for part in text.utf8.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false) {
      let word = Self.trimmed(part)
      let isHole = word.first == UInt8(ascii: "^")
      let bounds = (isHole ? word.dropFirst() : word)
        .split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
      guard (1...(isHole ? 1 : 2)).contains(bounds.count), let low = Self.number(bounds[0]),
        let high = Self.number(bounds[bounds.count - 1]), low <= high
      else { return nil }
      members.set(low...high, to: !isHole)
    }
    self.init(members.ranges)
    if ranges.isEmpty { return nil }
  }

  private static func trimmed(_ text: Substring.UTF8View) -> Substring.UTF8View {
    let blank = UInt8(ascii: " ")
    var text = text.drop { $0 == blank }
    while text.last == blank { text.removeLast() }
    return text
  }

  private static func number(_ text: Substring.UTF8View) -> Int? {
    var number = 0
    for byte in text {
      guard UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte else { return nil }
      number = number * 10 + Int(byte - UInt8(ascii: "0"))
      guard number < limit else { return nil }
    }
    return text.isEmpty ? nil : number
  }

  /// A growing bit set with one bit for each number.
  private struct Members {
    var words: [UInt64] = []

    mutating func set(_ numbers: ClosedRange<Int>, to isMember: Bool) {
      let last = numbers.upperBound / 64
      if last >= words.count { words += repeatElement(0, count: last + 1 - words.count) }
      for word in numbers.lowerBound / 64...last {
        let low = max(0, numbers.lowerBound - word * 64)
        let high = min(63, numbers.upperBound - word * 64)
        let mask = (UInt64.max << UInt64(low)) & (UInt64.max >> UInt64(63 - high))
        words[word] = isMember ? words[word] | mask : words[word] & ~mask
      }
    }

    var ranges: [ClosedRange<UInt32>] {
      var ranges: [ClosedRange<UInt32>] = []
      for (index, bits) in words.enumerated() {
        var bits = bits
        while bits != 0 {
          let low = bits.trailingZeroBitCount
          let length = (~(bits >> UInt64(low))).trailingZeroBitCount
          let first = UInt32(index * 64 + low)
          ranges.append(first...first + UInt32(length) - 1)
          bits &= low + length == 64 ? 0 : UInt64.max << UInt64(low + length)
        }
      }
      return ranges
    }
  }

  /// Whether the set has no numbers.
  package var isEmpty: Bool { ranges.isEmpty }

  /// The number of elements.
  package var count: Int { ranges.reduce(0) { $0 + $1.count } }

  /// The largest number; nil in an empty set.
  package var last: UInt32? { ranges.last?.upperBound }

  /// The smallest number; nil in an empty set.
  package var first: UInt32? { ranges.first?.lowerBound }

  /// Whether `number` is in the set.
  package func contains(_ number: UInt32) -> Bool { ranges.contains { $0.contains(number) } }

  /// The numbers of both sets.
  package func union(_ other: NodeSet) -> NodeSet { NodeSet(ranges + other.ranges) }

  /// The numbers of this set that are not in `other`.
  package func subtracting(_ other: NodeSet) -> NodeSet {
    var left = ranges
    for hole in other.ranges {
      left = left.flatMap { range -> [ClosedRange<UInt32>] in
        guard range.overlaps(hole) else { return [range] }
        var parts: [ClosedRange<UInt32>] = []
        if range.lowerBound < hole.lowerBound {
          parts.append(range.lowerBound...hole.lowerBound - 1)
        }
        if range.upperBound > hole.upperBound {
          parts.append(hole.upperBound + 1...range.upperBound)
        }
        return parts
      }
    }
    return NodeSet(left)
  }

  /// Whether the sets have a number in common.
  package func intersects(_ other: NodeSet) -> Bool {
    ranges.contains { range in other.ranges.contains(where: range.overlaps) }
  }

  /// The set in libvirt's form, such as `0-3,7`.
  package var description: String {
    ranges.map { range in
      range.count == 1 ? "\(range.lowerBound)" : "\(range.lowerBound)-\(range.upperBound)"
    }.joined(separator: ",")
  }

  /// Manifests spell a set of numbers.
  package static var kind: FieldKind { .nodeSet }

  /// The set as ``FieldValue/nodes(_:)``.
  package var fieldValue: FieldValue { .nodes(self) }

  /// Makes a set from ``FieldValue/nodes(_:)``; nil for any other value.
  package init?(_ value: FieldValue) {
    guard case .nodes(let nodes) = value else { return nil }
    self = nodes
  }
}
