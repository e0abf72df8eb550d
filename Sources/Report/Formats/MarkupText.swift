// SPDX-License-Identifier: Apache-2.0

extension String {
  /// The text with entities for all characters that are markup in texts or attributes of XML and
  /// HTML.
  var escapedForMarkup: String {
    guard utf8.contains(where: { Self.entity(for: $0) != nil }) else { return self }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(utf8.count + 32)
    // A combining mark behind a bracket makes one character of both, so this reads bytes.
    for byte in utf8 {
      if let entity = Self.entity(for: byte) {
        bytes += entity.utf8
      } else {
        bytes.append(byte)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  private static func entity(for byte: UInt8) -> String? {
    switch byte {
    case UInt8(ascii: "&"): "&amp;"
    case UInt8(ascii: "<"): "&lt;"
    case UInt8(ascii: ">"): "&gt;"
    case UInt8(ascii: "\""): "&quot;"
    case UInt8(ascii: "'"): "&#39;"
    default: nil
    }
  }
}
