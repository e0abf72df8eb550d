// SPDX-License-Identifier: Apache-2.0

internal import MemoryModel

/// What a run came to, in the words of reports for people.
extension RunReport {
  /// The exit status in words.
  var statusWords: String {
    switch status {
    case 0: successWords
    case 1: "failed"
    case 2: command == "drift" ? "not all is as declared" : "there are differences"
    case 3: "something is blocked"
    case 4: "something changed since it was planned"
    case 5: "something could not be observed"
    case 65: "invalid input"
    case 130, 143: "interrupted"
    default: "status \(status)"
    }
  }

  private var successWords: String {
    guard let plan else { return "valid" }
    if plan.kind == .drift { return "all is as declared" }
    guard plan.stepCount > 0 else { return "nothing to do" }
    return isProposal ? "changes to review" : "done and verified"
  }

  /// Whether the run made a plan and did nothing.
  var isProposal: Bool { applied == nil && plan?.kind == .plan }

  /// The numbers of domains, steps and hosts in sentences, without names.
  var counts: [String] {
    guard let plan else {
      guard case .diagnostics(let diagnostics) = result else { return [] }
      let mistakes = diagnostics.count { $0.severity == .error }
      return mistakes == 0 ? [] : ["\(counted(mistakes, "mistake"))."]
    }
    let words = verdictCounts(of: domains)
    let total = counted(plan.domains.count, "domain")
    var parts = [words.isEmpty ? "\(total)." : "\(total): \(words)."]
    if let applied {
      parts.append("\(applied.doneCount) of \(counted(plan.stepCount, "step")) done and verified.")
    } else if isProposal {
      let felt = plan.steps.count { $0.disruption != .none }
      parts.append("\(counted(plan.stepCount, "step")), \(felt) of them felt by guests.")
    }
    let silent = plan.hosts.count(where: \.isSilent)
    if silent > 0 { parts.append("\(counted(silent, "host")) unobserved.") }
    return parts
  }

  /// The number of domains with each verdict, such as `1 in sync, 2 to change`.
  func verdictCounts(of domains: [ReportedDomain]) -> String {
    let numbers = Dictionary(grouping: domains, by: \.verdict).mapValues(\.count)
    let verdicts: [Verdict] = [
      .inSync, .change, .pendingRestart, .blocked, .unobserved, .suspended,
    ]
    return verdicts.compactMap { verdict in
      numbers[verdict].map { "\($0) \(words(of: verdict))" }
    }.joined(separator: ", ")
  }

  /// A verdict in words.
  func words(of verdict: Verdict) -> String {
    switch verdict {
    case .inSync: "in sync"
    case .pendingRestart: "pending restart"
    case .change: isProposal ? "to change" : "not as declared"
    case .blocked: "blocked"
    case .unobserved: "unobserved"
    case .suspended: "suspended"
    }
  }
}
