// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Documents
import MemoryModel

/// `virtmem observe`: writes a snapshot of hosts and domains.
struct Observe: Subcommand {
  static let configuration = CommandConfiguration(
    abstract: "Write a snapshot of hosts and domains, for plan --observed.",
    discussion: """
      virtmem writes JSON lines to standard output: a head, the hosts, the domains with their \
      memory in the words of manifests, and an end, so that a cut or edited snapshot is noticed. \
      `plan --observed` makes the same plan from it as from the hosts, and `apply --plan` performs \
      that plan.

      If you name domains, the snapshot has only these, and a plan knows nothing of the others.

      Examples:
        virtmem observe --hosts fleet/ > fleet.jsonl
        virtmem plan fleet/ --observed fleet.jsonl
        virtmem observe -c qemu:///system web-01

      Exit status: 0 done; 5 something could not be observed, and is in the snapshot as such; \
      64 usage, or no such domain; 65 invalid input.
      """)

  @OptionGroup var subject: SurveyOptions

  func run(in environment: Environment) async throws -> ExitStatus {
    let survey = try await subject.survey(in: environment)
    let hosts = survey.hosts.map { host, observation in
      Snapshot.Host(
        name: host.name, uri: host.uri, isPartial: survey.isPartial, observation: observation)
    }
    environment.show(.snapshot(Snapshot(created: environment.timestamp(), hosts: hosts)))
    return ExitStatus.of(survey.report(quiet: subject.quiet, in: environment))
  }
}
