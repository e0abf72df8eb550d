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
    environment.output.write(ShownText(lines: Virtmem.versions) + "\n")
    return .done
  }
}
