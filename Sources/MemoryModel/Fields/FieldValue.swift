// SPDX-License-Identifier: Apache-2.0

/// What a field holds, whatever the field: the value that plans print, compare and write.
package enum FieldValue: Hashable, Sendable {
  /// An amount of memory; bytes in documents.
  case size(MemorySize)
  /// Any amount between two bounds, both of which are allowed.
  case sizeRange(ClosedRange<MemorySize>)
  /// A length of time in whole seconds.
  case seconds(UInt64)
  /// A number, of things or of a thing.
  case count(UInt64)
  /// A switch.
  case flag(Bool)
  /// A word or another text.
  case word(String)
  /// Host nodes, guest cells or processors.
  case nodes(NodeSet)
  /// Huge pages by size and guest cells.
  case pages([Hugepage])
  /// `unlimited`: libvirt's 9007199254740991 KiB, which it writes as no element at all.
  case unlimited
  /// `none`: the element is to be taken away, or is not there where that was asked for.
  case absence
}

extension FieldValue: CustomStringConvertible {
  /// The value for people: `8 GiB`, `4 GiB to 8 GiB`, `10 s`, `0-3`, `unlimited`, `none`.
  package var description: String {
    switch self {
    case .size(let size): "\(size)"
    case .sizeRange(let range): "\(range.lowerBound) to \(range.upperBound)"
    case .seconds(let seconds): "\(seconds) s"
    case .count(let count): "\(count)"
    case .flag(let flag): "\(flag)"
    case .word(let word): word
    case .nodes(let nodes): "\(nodes)"
    case .pages(let pages):
      pages.map { page in "\(page.size)" + (page.cells.map { " for cell \($0)" } ?? "") }
        .joined(separator: ", ")
    case .unlimited: "unlimited"
    case .absence: "none"
    }
  }
}

/// How the values of a field are spelled in a manifest.
package enum FieldKind: Hashable, Sendable {
  /// A size such as `8GiB`.
  case size
  /// A size, or `0KiB`.
  case sizeOrZero
  /// A size, or `{min: 4GiB, max: 8GiB}`.
  case sizeOrRange
  /// A size, `0KiB`, or `{min: 0KiB, max: 8GiB}`.
  case sizeOrZeroOrRange
  /// A size, or `unlimited`.
  case sizeOrUnlimited
  /// A size, or `none`.
  case sizeOrNone
  /// A whole number of `s`, `m` or `h`.
  case duration
  /// A whole number, at least one.
  case count
  /// A whole number, at least zero.
  case number
  /// `true` or `false`.
  case boolean
  /// One of these words.
  case word([String])
  /// One of these words, or `none`.
  case wordOrNone([String])
  /// A set of numbers such as `0-3,7`.
  case nodeSet
  /// A list of `{size: 2MiB, nodeset: 0}`, or `default`, or `none`.
  case hugepages
  /// Any text.
  case text
  /// A UUID.
  case uuid
  /// A place in memory such as `0x140000000`.
  case address
  /// `none` alone, which takes away a group of fields.
  case onlyNone

  /// The values that are taken, in words.
  package var words: String {
    switch self {
    case .size: "a size such as 8GiB"
    case .sizeOrZero: "a size such as 8GiB or 0KiB"
    case .sizeOrRange: "a size such as 8GiB, or {min: 4GiB, max: 8GiB}"
    case .sizeOrZeroOrRange: "a size such as 8GiB or 0KiB, or {min: 4GiB, max: 8GiB}"
    case .sizeOrUnlimited: "a size such as 8GiB, or unlimited"
    case .sizeOrNone: "a size such as 8GiB, or none"
    case .duration: "a duration such as 10s, 5m or 1h"
    case .count: "a whole number such as 8"
    case .number: "a whole number such as 0"
    case .boolean: "true or false"
    case .word(let words): Self.choice(words)
    case .wordOrNone(let words): Self.choice(words + ["none"])
    case .nodeSet: "a set of numbers such as 0-3,7"
    case .hugepages: "a list such as [{size: 2MiB, nodeset: 0}], default or none"
    case .text: "a text"
    case .uuid: "a UUID"
    case .address: "an address such as 0x140000000"
    case .onlyNone: "none"
    }
  }

  /// Whether a size is among the values.
  package var takesSize: Bool {
    switch self {
    case .size, .sizeOrZero, .sizeOrRange, .sizeOrZeroOrRange, .sizeOrUnlimited, .sizeOrNone: true
    default: false
    }
  }

  private static func choice(_ words: [String]) -> String {
    words.count < 2
      ? words.joined() : words.dropLast().joined(separator: ", ") + " or " + words[words.count - 1]
  }
}
