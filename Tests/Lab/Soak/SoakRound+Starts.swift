// SPDX-License-Identifier: Apache-2.0
import Foundation
import LibvirtModel
import MemoryModel

/// Starts of a round's domains.
extension SoakRound {
  /// Expects that each definition that the model accepts as a whole starts.
  func start() async throws {
    // No domain with a hard limit starts without a privilege that few containers have.
    try virsh(domains.map { "memtune \($0.name) -1 --swap-hard-limit -1 --config" })
    var expected: [String: Rule?] = [:]
    for domain in domains {
      let observed = try await comparison.look(at: domain.uuid)
      guard let definition = observed.persistent else { continue }
      if let obstacle = definition.obstacleToStart(hugePages: hugePages) {
        counts.notStarted[obstacle, default: 0] += 1
      } else {
        expected[domain.name] = comparison.behaviour(of: observed).refusal(ofAllOf: observed)
      }
    }
    let failures = try starts(domains.map(\.name).filter { expected[$0] != nil })
    try dump()
    for domain in domains {
      guard let refusal = expected[domain.name] else { continue }
      switch (refusal, failures[domain.name]) {
      case (nil, nil): counts.starts += 1
      case (nil, let failure?):
        find("start-fails", domain, failure, manifest: domain.manifest)
      case (let rule?, let failure):
        counts.notStarted[rule.name, default: 0] += 1
        let version = comparison.libvirt
        let isKnown = KnownDifference.all.contains { $0.covers(rule, of: .redefine, version) }
        if failure == nil && !isKnown {
          let what = "starts, though the model refuses it as \(rule.name)"
          find("refused-definition-starts", domain, what, manifest: domain.manifest)
        }
      }
    }
  }

  /// Starts domains and returns the errors of those that didn't start.
  ///
  /// If one of them crashes the daemon, the interrupted ones are started again one by one, so
  /// that a second crash identifies its domain.
  private func starts(_ names: [String]) throws -> [String: String] {
    var failures = try startPairs(names)
    guard !lab.isAlive else { return failures }
    let cutOff = names.filter { name in
      ["Connection refused", "End of file"].contains { failures[name]?.contains($0) == true }
    }
    for name in cutOff {
      if !lab.isAlive { try lab.restartDaemon() }
      failures[name] = try startPairs([name])[name]
    }
    if !lab.isAlive { try lab.restartDaemon() }
    return failures
  }

  /// Starts domains, two at a time, and destroys them.
  private func startPairs(_ names: [String]) throws -> [String: String] {
    let script = """
      for name in "$@"; do
        answer=$(virsh -q -c '\(lab.uri)' start "$name" --paused 2>&1) ||
          echo "$name $(echo $answer)"
        virsh -q -c '\(lab.uri)' destroy "$name" >/dev/null 2>&1
      done
      """
    let half = names.count / 2
    let processes = try [names[..<half], names[half...]].map { part in
      try Command.start(["/bin/sh", "-c", script, "sh"] + part)
    }
    var failures: [String: String] = [:]
    for (process, output, _) in processes {
      let text = String(
        decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
      process.waitUntilExit()
      for line in text.split(separator: "\n") {
        let words = line.split(separator: " ", maxSplits: 1)
        failures[String(words[0])] = words.count > 1 ? String(words[1]) : ""
      }
    }
    return failures
  }
}
