// SPDX-License-Identifier: Apache-2.0

package import MemoryModel

extension HostApplier.Outcome {
  /// Makes the outcome of a host that could not be observed: no step of `domains` was begun.
  package init(leaving domains: [DomainPlan], because error: HypervisorError) {
    self.init()
    for plan in domains where !plan.steps.isEmpty {
      for step in plan.steps { steps[step.id] = StepResult(.skipped) }
      self.domains[DomainKey(plan)] = HostApplier.DomainOutcome(.skipped, .call(error))
    }
  }
}
