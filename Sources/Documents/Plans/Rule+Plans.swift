// SPDX-License-Identifier: Apache-2.0

package import MemoryModel

/// The rules that only saved plans can break.
extension Rule {
  package static let notAPlan = Rule("not-a-plan", mistake: "a file that is not a saved plan")

  package static let unknownPlanFormat = Rule(
    "unknown-plan-format", mistake: "a saved plan in a format that this version cannot read")

  package static let alteredPlan = Rule(
    "altered-plan", mistake: "a saved plan that was changed after virtmem wrote it")

  package static let notOneRun = Rule(
    "not-one-run", mistake: "documents that are not the shards of one run")

  static let ofPlans = [
    notAPlan, unknownPlanFormat, alteredPlan, notOneRun,
  ]
}
