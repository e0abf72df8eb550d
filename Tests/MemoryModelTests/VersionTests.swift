// SPDX-License-Identifier: Apache-2.0
import MemoryModel
import Testing

/// Versions of libvirt and of hypervisors, as numbers and in texts.
@Suite struct VersionTests {
  static let texts: [(String, Version?)] = [
    ("9.0.0", Version(9, 0, 0)), ("12.10.3", Version(12, 10, 3)), ("0.0.2", Version(0, 0, 2)),
    ("7.2.999", Version(7, 2, 999)), ("7.2.1000", nil), ("9.0", nil), ("9.0.0.1", nil), ("", nil),
    ("9..0", nil), ("9.0.0-rc1", nil), ("v9.0.0", nil), ("9.-1.0", nil), (" 9.0.0", nil),
  ]

  @Test("a version has three numbers below 1000 with dots between them", arguments: texts)
  func text(text: String, version: Version?) {
    #expect(Version(text) == version)
    if let version { #expect(version.description == text) }
  }

  @Test("libvirt's number has three digits for each part but the first")
  func encoded() {
    #expect(Version(encoded: 9_000_000) == Version(9, 0, 0))
    #expect(Version(encoded: 12_010_003) == Version(12, 10, 3))
    #expect(Version(encoded: 7_002_022) == Version(7, 2, 22))
  }

  @Test("versions compare by their numbers, the major one first")
  func order() {
    let sorted = [
      Version(6, 9, 9), Version(9, 0, 0), Version(9, 0, 1), Version(9, 9, 0), Version(9, 10, 0),
      Version(10, 0, 0),
    ]
    #expect(sorted.reversed().sorted() == sorted)
    #expect(Version(9, 0, 0) <= Version(9, 0, 0))
  }

  static let releases: [(String, String, Version?)] = [
    ("QEMU 7.2.22", "QEMU", Version(7, 2, 22)), ("Hyper-V 10.0.1", "Hyper-V", Version(10, 0, 1)),
    ("QEMU", "QEMU", nil), ("", "", nil), ("a new one 1.2.3", "a new one", Version(1, 2, 3)),
    // What is no version as virtmem writes it stays part of the name.
    ("QEMU 7.2", "QEMU 7.2", nil), ("QEMU 7.02.22", "QEMU 7.02.22", nil), ("7.2.22", "7.2.22", nil),
    ("QEMU 7.2.22 ", "QEMU 7.2.22 ", nil), ("QEMU  7.2.22", "QEMU ", Version(7, 2, 22)),
  ]

  @Test("the text of a hypervisor gives its name and version, and comes back", arguments: releases)
  func release(text: String, name: String, version: Version?) {
    let release = HypervisorRelease(text)
    #expect(release == HypervisorRelease(name: name, version: version))
    #expect(release.description == text)
  }
}
