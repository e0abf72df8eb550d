// SPDX-License-Identifier: Apache-2.0

import Applier
import MemoryModel
import Report
import Synchronization

/// Writes the progress of `apply` to standard error, one line a step.
///
/// On a terminal the line appears when the step begins; elsewhere it appears when the step ends, so
/// that the lines of several hosts do not mix.
final class Progress: Sendable {
  private let stepCount: Int
  private let text: ApplyText
  private let isShown: Bool
  private let isTerminal: Bool
  private let stream: any CommandStream
  /// How many steps ended.
  private let ended = Mutex<Int>(0)

  init(stepCount: Int, style: Style, isShown: Bool, on stream: any CommandStream) {
    self.stepCount = stepCount
    self.isShown = isShown
    self.stream = stream
    text = ApplyText(style: style)
    isTerminal = stream.isTerminal
  }

  func didBegin(_ step: Step, of domain: DomainPlan) {
    guard isShown && isTerminal else { return }
    ended.withLock { count in
      stream.write("\r" + line(step, domain, count + 1) + " …")
    }
  }

  func didPerform(_ step: Step, of domain: DomainPlan, _ result: StepResult) {
    guard isShown else { return }
    ended.withLock { count in
      count += 1
      let line = line(step, domain, count)
      let start: ShownText = isTerminal ? "\r\u{1B}[K" : ""
      stream.write("\(start)\(line): \(text.result(result))\n")
    }
  }

  func didLeave(_ domain: DomainPlan, because failure: StepFailure) {
    guard isShown else { return }
    stream.write("\(domain.label): \(failure.message)\n")
  }

  private func line(_ step: Step, _ domain: DomainPlan, _ number: Int) -> ShownText {
    text.progress(step, of: domain, number: number, total: stepCount)
  }
}
