// SPDX-License-Identifier: Apache-2.0

internal import Basics

/// One of several parts of the declared Hosts: `--shard I/N`.
///
/// A host's name alone decides its part. So a Host that joins or leaves moves no other host to
/// another part.
package struct Shard: Hashable, Sendable, CustomStringConvertible {
  /// The largest number of parts.
  package static let maximumCount = 65_536

  /// The number of the part, from 1 to ``count``.
  package let number: Int
  /// The number of parts.
  package let count: Int

  /// Reads `I/N`; nil unless I is from 1 to N, and N at most ``maximumCount``.
  package init?(_ text: String) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, parts.allSatisfy({ $0.utf8.allSatisfy { (48...57).contains($0) } }),
      let number = Int(parts[0]), let count = Int(parts[1]),
      (1...Self.maximumCount).contains(count), (1...count).contains(number)
    else { return nil }
    self.number = number
    self.count = count
  }

  /// Whether the host called `name` is in the part.
  package func contains(_ name: String) -> Bool {
    let digits = SHA256.hexadecimal(of: Array(name.utf8)).prefix(15)
    return Int(digits, radix: 16).map { $0 % count == number - 1 } ?? false
  }

  /// `I/N`.
  package var description: String { "\(number)/\(count)" }
}
