// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

/// `virtmem schema`: prints the JSON Schema of manifests, for editors.
struct SchemaCommand: Subcommand {
  static let configuration = CommandConfiguration(
    commandName: "schema",
    abstract: "Print the JSON Schema of manifests.",
    discussion: """
      With it editors complete fields, explain them and underline mistakes. `validate` says more: \
      what takes more than one value or file to see.

      Example:
        virtmem schema > virtmem.schema.json

      In a manifest, yaml-language-server takes it from a first line such as
        # yaml-language-server: $schema=virtmem.schema.json

      Exit status: 0 done; 64 usage.
      """)

  func run(in environment: Environment) async throws -> ExitStatus {
    environment.show(.schema)
    return .done
  }
}
