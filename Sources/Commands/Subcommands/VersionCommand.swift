// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import MemoryModel

/// `virtmem version`: prints the versions of virtmem and of the libvirt that it uses.
struct VersionCommand: Subcommand {
  static let configuration = CommandConfiguration(
    commandName: "version",
    abstract: "Print the versions of virtmem and of libvirt's client library.",
    discussion: """
      Example:
        virtmem version

      Exit status: 0 done; 64 usage.
      """)

  func run(in environment: Environment) async throws -> ExitStatus {
    let library = environment.libvirtVersion().map { "\($0)" } ?? "of an unknown version"
    environment.output.write(
      """
      virtmem \(Virtmem.version)
      libvirt \(library) (the client library on this machine; a plan shows each host's own version)
      tested on libvirt \(Version.oldestSupportedLibvirt) to \(Version.newestKnownLibvirt), \
      QEMU \(Version.oldestSupportedQEMU) and newer

      """)
    return .done
  }
}
