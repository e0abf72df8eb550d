// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Documents
import MemoryModel

/// `virtmem observe`: writes a snapshot of hosts and domains.
struct Observe: Subcommand {
  static let configuration = CommandConfiguration(
    abstract: "Write a snapshot of hosts and domains, the input of planning without them.",
    discussion: """
      JSON lines on standard output: a head, the hosts, the domains with their memory in the \
      manifests' words, and an end that tells a snapshot that was cut or edited. `plan --observed` \
      and `drift --observed` give the same plan of it as on the hosts, and one that applies.

      Where only some domains are asked for, the others are unknown to who plans of it.

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
