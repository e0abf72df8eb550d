// SPDX-License-Identifier: Apache-2.0

import Platform
import ArgumentParser
import Documents
import MemoryModel
import Planner

/// `virtmem observe`: a snapshot of what is there.
struct Observe: AsyncParsableCommand {
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

  func run() async throws {
    let survey = try await subject.survey()
    let created = Timestamp.now
    let hosts = survey.hosts.map { host, sight in
      let seen: Snapshot.Sight =
        switch sight {
        case .observed(let observed): .observed(observed)
        case .unobserved(let error): .unobserved(error)
        }
      return Snapshot.Host(
        name: host.name, uri: host.uri, isPartial: survey.isPartial, sight: seen)
    }
    StandardStream.output.write(document: Snapshot(created: created, hosts: hosts).bytes)
    throw ExitStatus.of(survey.report(quiet: subject.quiet)).error
  }
}
