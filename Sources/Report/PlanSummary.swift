// SPDX-License-Identifier: Apache-2.0

internal import MemoryModel

/// The last line of a report, which counts domains and steps and names what needs a person.
struct PlanSummary {
  private let plan: Plan

  /// Makes the summary of a plan.
  init(of plan: Plan) {
    self.plan = plan
  }

  /// The line.
  ///
  /// `4 domains: 1 in sync, 2 to change, 1 blocked (db-01).  9 steps: 5 not felt by guests, 4 felt
  /// live.  1 host unobserved (hv03).`
  var text: ShownText {
    var parts = [domains]
    if plan.kind != .drift { parts.append(steps) }
    let silent = plan.hosts.filter(\.isSilent).map(\.shownName)
    if !silent.isEmpty {
      parts.append(
        "\(counted(silent.count, "host")) unobserved (\(NameList(silent).start)).")
    }
    return parts.joined(separator: "  ")
  }

  /// The number of domains with each verdict, and the names of those that need a person.
  var domains: ShownText {
    let verdicts: [(Verdict, String)] = [
      (.inSync, "in sync"), (.change, plan.kind == .drift ? "not as declared" : "to change"),
      (.pendingRestart, "pending restart"), (.blocked, "blocked"), (.unobserved, "unobserved"),
      (.suspended, "suspended"),
    ]
    let labels = Dictionary(grouping: plan.domains, by: \.verdict).mapValues { $0.map(\.label) }
    let counts = verdicts.compactMap { verdict, words -> ShownText? in
      guard let labels = labels[verdict] else { return nil }
      let names = verdict == .blocked ? " (\(NameList(labels).start))" : "" as ShownText
      return "\(labels.count) \(words)" + names
    }
    let total = counted(plan.domains.count, "domain")
    return counts.isEmpty ? "\(total)." : "\(total): \(counts.joined(separator: ", "))."
  }

  /// The number of steps with each effect on the guests.
  private var steps: ShownText {
    let steps = plan.steps
    guard !steps.isEmpty else { return "0 steps." }
    let effects: [(Disruption, String)] = [
      (.none, "not felt by guests"), (.live, "felt live"), (.restart, "restart"),
    ]
    let counts = effects.compactMap { disruption, words -> String? in
      let count = steps.count { $0.disruption == disruption }
      return count == 0 ? nil : "\(count) \(words)"
    }
    return "\(counted(steps.count, "step")): \(counts.joined(separator: ", "))."
  }
}

extension PlannedHost {
  /// Whether the host should have been observed and was not.
  var isSilent: Bool { !isSuspended && libvirt == nil && origin != .definitions }

  /// The host's name for people; the URI where the manifests declare no Host.
  var shownName: String {
    guard name == DesiredHost.implicitName else { return name }
    if let uri = uri?.publishedURI { return uri }
    if origin == .snapshot { return "the snapshot's host" }
    return uri == nil ? "libvirt's default" : "the connection"
  }
}
