// SPDX-License-Identifier: Apache-2.0
import Foundation
import MemoryModel

/// Random definitions, edits and starts until the time is up, and what failed.
final class Soak {
  /// The seconds that a soak takes: `SOAK_SECONDS` in the environment, otherwise 60.
  static let seconds =
    ProcessInfo.processInfo.environment["SOAK_SECONDS"].flatMap { Int($0) } ?? 60

  /// The folder for the cases of failures.
  let folder: String

  private let lab: Lab
  private let seed: UInt64
  private(set) var counts = SoakCounts()
  private(set) var findings: [SoakFinding] = []

  /// The number of huge pages that each of two guests may have.
  private let hugePages: Int

  init(_ lab: Lab, seed: UInt64, hugePages: Int) {
    self.lab = lab
    self.seed = seed
    folder = Lab.root.appending(path: ".build/lab/soak/\(lab.host)-\(seed)").path
    self.hugePages = hugePages / 2
  }

  /// Runs one round after the other; a round's seed alone repeats it.
  func run(for duration: Duration) async throws {
    let start = ContinuousClock.now
    try? FileManager.default.removeItem(atPath: folder)
    var seeds = RandomDomain(seed: seed)
    var next = seed
    repeat {
      let round = try await SoakRound(lab, seed: next, number: counts.rounds, hugePages: hugePages)
      try await round.run()
      counts.add(round.counts)
      for finding in round.findings {
        print("soak: round of seed \(next): \(finding.what)")
        try finding.keep(in: folder, named: "\(finding.slug)-\(next)-\(findings.count)")
        findings.append(finding)
      }
      next = seeds.next()
    } while start.duration(to: .now) < duration
  }
}

/// What a soak did.
struct SoakCounts: CustomStringConvertible {
  var rounds = 0
  /// Definitions that libvirt accepted, and those that it refused.
  var defined = 0
  var notDefined = 0
  /// Exports whose plan was empty.
  var exports = 0
  /// Edits that were applied as planned, and those with a blocker or without a step.
  var applied = 0
  var blocked = 0
  var idle = 0
  /// Edits that no host accepts.
  var invalid = 0
  /// Calls on which the model and libvirt agreed.
  var compared = 0
  var known: [String: Int] = [:]
  /// Starts, and the reasons why others could not be expected.
  var starts = 0
  var notStarted: [String: Int] = [:]

  mutating func add(_ other: SoakCounts) {
    rounds += 1
    defined += other.defined
    notDefined += other.notDefined
    exports += other.exports
    applied += other.applied
    blocked += other.blocked
    idle += other.idle
    invalid += other.invalid
    compared += other.compared
    starts += other.starts
    known.merge(other.known, uniquingKeysWith: +)
    notStarted.merge(other.notStarted, uniquingKeysWith: +)
  }

  private func list(_ counts: [String: Int]) -> String {
    counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
      .map { "\($0.key) \($0.value)" }.joined(separator: ", ")
  }

  var description: String {
    """
    \(rounds) rounds: \(defined) definitions (\(notDefined) more refused by libvirt), \
    \(exports) exports planned empty, \(applied) edits applied (\(blocked) blocked, \
    \(idle) without a step, \(invalid) invalid), \(compared) calls compared \
    (accepted by libvirt alone: \(list(known))), \(starts) starts \
    (not to be expected: \(list(notStarted)))
    """
  }
}

/// Something that differed from what was expected.
struct SoakFinding {
  /// The kind of failure, in kebab case.
  let slug: String
  /// The expected and the actual result, in one line.
  let what: String
  let libvirt: Version
  let manifest: String
  let persistent: String

  /// Writes a folder as in Tests/Cases, except the plan, which RECORD=1 writes.
  func keep(in folder: String, named name: String) throws {
    let path = "\(folder)/\(name)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    let line = what.replacing("\n", with: " ")
    let text = "# libvirt: \(libvirt)\n# \(line)\n\(manifest)"
    try text.write(toFile: "\(path)/manifest.yaml", atomically: true, encoding: .utf8)
    try persistent.write(toFile: "\(path)/persistent.xml", atomically: true, encoding: .utf8)
    print("soak: kept in \(path)")
  }
}
