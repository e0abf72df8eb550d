// SPDX-License-Identifier: Apache-2.0

import MemoryModel

/// The note of a run: who or what runs it, for the plan, the audit and the lock.
enum RunNote {
  /// The longest note, in bytes.
  static let longestNote = 1000

  /// The variables with the address and the commit of a job, by CI system.
  private static let jobs: [(address: [String], commit: String)] = [
    (["GITHUB_SERVER_URL", "GITHUB_REPOSITORY", "GITHUB_RUN_ID"], "GITHUB_SHA"),
    (["CI_JOB_URL"], "CI_COMMIT_SHA"),
    (["BUILDKITE_BUILD_URL"], "BUILDKITE_COMMIT"),
    (["CIRCLE_BUILD_URL"], "CIRCLE_SHA1"),
    (["BUILD_URL"], "GIT_COMMIT"),
  ]

  /// The address and the commit of the CI job that the environment variables tell; nil outside CI.
  static func ofJob(in environment: Environment) -> String? {
    for job in jobs {
      let parts = job.address.compactMap(environment.variable)
      guard parts.count == job.address.count else { continue }
      let address =
        parts.count == 3 ? "\(parts[0])/\(parts[1])/actions/runs/\(parts[2])" : parts[0]
      let commit = environment.variable(job.commit).map { " \($0)" } ?? ""
      let text = (address + commit).hidingPasswords.unicodeScalars
        .filter { $0.properties.generalCategory != .control }
      return String(
        decoding: String(String.UnicodeScalarView(text)).utf8.prefix(longestNote), as: UTF8.self)
    }
    return nil
  }
}
