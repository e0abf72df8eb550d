// SPDX-License-Identifier: Apache-2.0

/// A version of libvirt or of a hypervisor.
package struct Version: Hashable, Comparable, Sendable, CustomStringConvertible {
  /// The major version.
  package let major: Int
  /// The minor version.
  package let minor: Int
  /// The number of the release among those of the minor version.
  package let micro: Int

  /// Makes a version from its three numbers.
  package init(_ major: Int, _ minor: Int, _ micro: Int) {
    self.major = major
    self.minor = minor
    self.micro = micro
  }

  /// Makes a version from libvirt's number: major × 1000000 + minor × 1000 + micro.
  package init(encoded: UInt) {
    self.init(Int(encoded / 1_000_000), Int(encoded / 1000 % 1000), Int(encoded % 1000))
  }

  /// Makes a version from text such as `9.0.0`; nil for any other form.
  package init?(_ text: some StringProtocol) {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false).map { Int($0) }
    guard parts.count == 3, let major = parts[0], let minor = parts[1], let micro = parts[2],
      parts.allSatisfy({ (0..<1000).contains($0 ?? -1) })
    else { return nil }
    self.init(major, minor, micro)
  }

  /// Orders versions from old to new.
  package static func < (left: Version, right: Version) -> Bool {
    (left.major, left.minor, left.micro) < (right.major, right.minor, right.micro)
  }

  /// The version as text, such as `9.0.0`.
  package var description: String { "\(major).\(minor).\(micro)" }
}

extension Version {
  /// The newest libvirt version whose behaviour virtmem knows.
  package static let newestKnownLibvirt = Version(12, 9, 0)

  /// The oldest libvirt version that the tests cover.
  package static let oldestSupportedLibvirt = Version(9, 0, 0)

  /// The oldest QEMU version that the tests cover.
  package static let oldestSupportedQEMU = Version(7, 2, 0)
}
