// SPDX-License-Identifier: Apache-2.0

internal import MemoryModel

/// A part of a page of HTML.
///
/// Literals are markup. Interpolated values, such as names, paths and libvirt's messages, may come
/// from an attacker: they are shown as ``ShownText`` shows them, and can't become markup.
struct HTML: Hashable {
  /// The markup.
  private(set) var text: String

  /// Whether the part has no characters.
  var isEmpty: Bool { text.isEmpty }
  /// The size in bytes.
  var size: Int { text.utf8.count }

  static func + (left: HTML, right: HTML) -> HTML {
    var sum = left
    sum += right
    return sum
  }

  static func += (left: inout HTML, right: HTML) {
    left.text += right.text
  }
}

extension HTML: ExpressibleByStringInterpolation {
  struct StringInterpolation: StringInterpolationProtocol {
    fileprivate var text = ""

    init(literalCapacity: Int, interpolationCount: Int) {
      text.reserveCapacity(literalCapacity + 16 * interpolationCount)
    }

    mutating func appendLiteral(_ literal: String) {
      text += literal
    }

    /// Appends markup.
    mutating func appendInterpolation(_ html: HTML) {
      text += html.text
    }

    /// Appends text that is safe for terminals and logs.
    mutating func appendInterpolation(_ shown: ShownText) {
      append(shown.description)
    }

    /// Appends a value that may come from outside.
    mutating func appendInterpolation(_ value: some CustomStringConvertible) {
      append(ShownText("\(value)").description)
    }

    private mutating func append(_ value: String) {
      text += value.escapedForMarkup
    }
  }

  init(stringLiteral value: String) {
    text = value
  }

  init(stringInterpolation: StringInterpolation) {
    text = stringInterpolation.text
  }
}

extension Sequence where Element == HTML {
  /// The parts in their order, with `separator` between them.
  func joined(separator: HTML = "") -> HTML {
    var joined: HTML = ""
    for (index, part) in enumerated() {
      if index > 0 { joined += separator }
      joined += part
    }
    return joined
  }
}
