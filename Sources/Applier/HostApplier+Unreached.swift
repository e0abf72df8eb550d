// SPDX-License-Identifier: Apache-2.0

package import MemoryModel

extension HostApplier.Outcome {
  /// The outcome of a host that could not be looked at: nothing of `domains` was begun.
  package init(leaving domains: [DomainPlan], because error: HypervisorError) {
    self.init()
    for plan in domains where !plan.steps.isEmpty {
      for step in plan.steps { steps[step.id] = StepResult(.skipped) }
      self.domains[DomainKey(plan)] = (.skipped, error)
    }
  }
}
