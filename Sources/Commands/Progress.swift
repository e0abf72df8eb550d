// SPDX-License-Identifier: Apache-2.0

import Platform
import Applier
import Documents
import MemoryModel
import Report
import Synchronization

/// Progress on standard error, one line a step; on a terminal it is there while the step runs.
final class Progress: ApplyRecorder {
  private let stepCount: Int
  private let text: ApplyText
  private let isShown: Bool
  /// Where lines of several hosts would run into each other, they are written when complete.
  private let isLive: Bool
  private let begun = Mutex<Int>(0)

  init(stepCount: Int, output: OutputOptions, isShown: Bool) {
    self.stepCount = stepCount
    self.isShown = isShown
    text = ApplyText(style: output.style(.error))
    isLive = StandardStream.error.isTerminal
  }

  func didBegin(_ step: Step, of domain: DomainPlan) {
    guard isShown && isLive else { return }
    begun.withLock { count in
      StandardStream.error.write("\r" + line(step, domain, count + 1) + " …")
    }
  }

  func willPerform(_ call: Call, in step: Step, of domain: DomainPlan) {}

  func didPerform(_ step: Step, of domain: DomainPlan, _ result: StepResult) {
    guard isShown else { return }
    begun.withLock { count in
      count += 1
      let line = line(step, domain, count)
      let start: ShownText = isLive ? "\r\u{1B}[K" : ""
      StandardStream.error.write("\(start)\(line): \(text.outcome(result))\n")
    }
  }

  func didLeave(_ domain: DomainPlan, because failure: StepFailure) {
    guard isShown else { return }
    StandardStream.error.write("\(domain.label): \(failure.message)\n")
  }

  private func line(_ step: Step, _ domain: DomainPlan, _ number: Int) -> ShownText {
    text.progress(step, of: domain, number: number, total: stepCount)
  }
}
