// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Documents

/// `virtmem schema`: prints the JSON Schema of manifests, for editors, or of plans, for policies.
struct SchemaCommand: Subcommand {
  static let configuration = CommandConfiguration(
    commandName: "schema",
    abstract: "Print the JSON Schema of manifests, or of plans.",
    discussion: """
      With it editors complete fields, explain them and underline mistakes. `validate` says more: \
      what takes more than one value or file to see.

      `virtmem schema plan` prints the schema of the document of plan, drift and apply, for policy \
      engines and for programs that read it.

      Examples:
        virtmem schema > virtmem.schema.json
        virtmem schema plan > plan.schema.json

      In a manifest, yaml-language-server takes it from a first line such as
        # yaml-language-server: $schema=virtmem.schema.json

      Exit status: 0 done; 64 usage.
      """)

  @Argument(help: "What the schema is of.")
  var subject = SchemaSubject.manifest

  func run(in environment: Environment) async throws -> ExitStatus {
    environment.show(.schema(subject))
    return .done
  }
}

/// What a schema is of.
enum SchemaSubject: String, ExpressibleByArgument, CaseIterable {
  case manifest
  case plan

  /// The schema as JSON.
  var schema: [UInt8] {
    switch self {
    case .manifest: Schema.bytes
    case .plan: PlanSchema.bytes
    }
  }
}
