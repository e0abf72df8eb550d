// SPDX-License-Identifier: Apache-2.0

internal import YAML

extension YAMLSource {
  /// The source with each surrogate pair of JSON's escapes as the character that it stands for.
  ///
  /// YAML has no surrogate pairs, and libyaml refuses them.
  var joiningSurrogatePairs: YAMLSource {
    var joined: [UInt8] = []
    var (copied, place) = (0, 0)
    while let escape = bytes[place...].firstIndex(of: UInt8(ascii: "\\")) {
      // The byte behind a backslash begins no escape.
      place = min(escape + 2, bytes.count)
      guard let character = Self.character(bytes[escape...].prefix(12)) else { continue }
      joined += bytes[copied..<escape]
      joined += character.utf8
      place = escape + 12
      copied = place
    }
    return copied == 0 ? self : YAMLSource(file: file, bytes: joined + bytes[copied...])
  }

  /// The character of an escaped surrogate pair such as `\udb40\udc41`; nil for anything else.
  private static func character(_ escapes: ArraySlice<UInt8>) -> String? {
    let text = String(decoding: escapes, as: UTF8.self)
    guard text.hasPrefix("\\ud") else { return nil }
    let units = text.split(separator: "\\u").compactMap { UInt16($0, radix: 16) }
    guard units.count == 2, UTF16.isLeadSurrogate(units[0]), UTF16.isTrailSurrogate(units[1]) else {
      return nil
    }
    return String(decoding: units, as: UTF16.self)
  }
}
