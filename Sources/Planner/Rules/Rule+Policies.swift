// SPDX-License-Identifier: Apache-2.0

package import MemoryModel

/// Rules that follow from the policies of Hosts and Domains, or from the plan as a whole.
extension Rule {
  package static let hostReserve = Rule(
    "host-reserve", .refuses,
    about: [.currentMemory, .any(.deviceRequested), .any(.deviceState)],
    "the host's available memory would fall below its reserve",
    fact: """
      The Host's `reserve.memory` is never planned below. Domains grow in the order of their names \
      as long as they fit.
      """,
    remedy: "Shrink other domains of the host, lower its reserve, or move the domain.",
    meaning: .hostExhausted)

  package static let counterpartBlocked = Rule(
    "counterpart-blocked", .refuses,
    "it adds up with a field that is blocked",
    fact: """
      What adds up is planned together or not at all: cells and their processors, RAM and devices, \
      a pair of limits. One half alone would make the guest smaller, or give it another shape than \
      was asked for.
      """,
    remedy: "See what blocks the field that is named, or take it out of the manifest.")

  package static let restartNotSupported = Rule(
    "restart-not-supported", .warns, "restarts are not supported yet, so the plan makes none",
    fact: "`disruption: restart` is planned as `live`: what needs a start waits for one.",
    remedy: "Power-cycle the domain by hand where `pendingRestart` should come into effect.")

  static let ofPlanning = [
    hostReserve, counterpartBlocked, restartNotSupported,
  ]
}
