// SPDX-License-Identifier: Apache-2.0

/// The value of any field, as plans compare, print and write it.
package enum FieldValue: Hashable, Sendable {
  /// An amount of memory; documents write it in bytes.
  case size(MemorySize)
  /// Any amount of memory from the lower bound to the upper bound, both included.
  case sizeRange(ClosedRange<MemorySize>)
  /// A duration in whole seconds.
  case seconds(UInt64)
  /// A quantity or an index.
  case count(UInt64)
  /// A truth value.
  case flag(Bool)
  /// A word or any other text.
  case word(String)
  /// A set of host nodes, guest cells or processors.
  case nodes(NodeSet)
  /// Huge pages, by page size and guest cells.
  case pages([Hugepage])
  /// `unlimited`: 9007199254740991 KiB in libvirt's calls, and no element in the domain XML.
  case unlimited
  /// `none`: the element is not present; as a desired value, it must be removed.
  case absence
}

extension FieldValue: CustomStringConvertible {
  /// The value for people, such as `8 GiB`, `4 GiB to 8 GiB`, `10 s`, `0-3`, `unlimited` or `none`.
  package var description: String {
    switch self {
    case .size(let size): size.description
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

/// How a manifest spells the values of a field.
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
  /// A whole number followed by `s`, `m` or `h`.
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
  /// A set of numbers, such as `0-3,7`.
  case nodeSet
  /// A list of `{size: 2MiB, nodeset: 0}`, or `default`, or `none`.
  case hugepages
  /// Any text.
  case text
  /// A UUID.
  case uuid
  /// An address in guest memory, such as `0x140000000`.
  case address
  /// Only `none`, which removes a group of fields.
  case onlyNone

  /// A value of this kind, as manifests spell it.
  package var example: String {
    switch self {
    case .size, .sizeOrZero, .sizeOrUnlimited, .sizeOrNone: "8GiB"
    case .sizeOrRange, .sizeOrZeroOrRange: "{min: 4GiB, max: 8GiB}"
    case .duration: "10s"
    case .count, .number: "1"
    case .boolean: "true"
    case .word(let words), .wordOrNone(let words): words.first ?? "none"
    case .nodeSet: "0-3"
    case .hugepages: "[{size: 2MiB}]"
    case .text: "/var/lib/libvirt/memory/web-01"
    case .uuid: "6f1d2c1e-4a55-4b7e-9d7a-100000000001"
    case .address: "0x140000000"
    case .onlyNone: "none"
    }
  }

  /// The accepted values, in words for messages.
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

  /// Whether the field accepts a size.
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
