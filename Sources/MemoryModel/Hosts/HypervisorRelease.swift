// SPDX-License-Identifier: Apache-2.0

/// The hypervisor of a host with its version.
///
/// Documents have both in one text, such as `QEMU 7.2.22`.
package struct HypervisorRelease: Hashable, Sendable, CustomStringConvertible {
  /// The hypervisor's name, such as `QEMU`; `virConnectGetType`.
  package let name: String
  /// The hypervisor's version; nil if the driver does not tell it; `virConnectGetVersion`.
  package let version: Version?

  /// Makes a release from what libvirt reports.
  package init(name: String, version: Version?) {
    self.name = name
    self.version = version
  }

  /// Makes a release from the text of a document, which ``description`` gives back unchanged.
  ///
  /// A last word that is no version belongs to the name.
  package init(_ text: String) {
    let space = text.lastIndex(of: " ") ?? text.startIndex
    let release = HypervisorRelease(
      name: String(text[..<space]), version: Version(text[space...].dropFirst()))
    self = release.description == text ? release : HypervisorRelease(name: text, version: nil)
  }

  /// The name and the version, such as `QEMU 7.2.22`, or the name alone.
  package var description: String { version.map { "\(name) \($0)" } ?? name }
}
