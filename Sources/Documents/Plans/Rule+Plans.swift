// SPDX-License-Identifier: Apache-2.0

package import MemoryModel

/// The rules that only saved plans can break.
extension Rule {
  package static let notAPlan = Rule("not-a-plan", mistake: "a file that is no saved plan")

  package static let unknownPlanFormat = Rule(
    "unknown-plan-format", mistake: "a saved plan of a format that this version does not read")

  package static let alteredPlan = Rule(
    "altered-plan", mistake: "the plan is not byte for byte what was saved")

  static let ofPlans = [
    notAPlan, unknownPlanFormat, alteredPlan,
  ]
}
