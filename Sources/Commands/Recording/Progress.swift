// SPDX-License-Identifier: Apache-2.0

import Applier
import MemoryModel
import Report
import Synchronization

/// Writes the progress of `apply` to standard error, one line a step.
///
/// The line appears when the step ends. A terminal has one more line at the end, which tells what is
/// under way: the step and what it waits for, or the domains of several steps. Elsewhere a step that
/// waits has a line every 15 seconds.
final class Progress: Sendable {
  private let stepCount: Int
  private let text: ApplyText
  private let isShown: Bool
  private let isTerminal: Bool
  private let stream: any CommandStream
  /// The time between the lines of a step that waits, in a log.
  private static let interval = Duration.seconds(15)

  private struct State {
    /// How many steps ended.
    var ended = 0
    /// The steps that have begun and not ended, with their domains, the longest under way first.
    var underWay: [(step: Step, domain: DomainPlan)] = []
    /// The time for which each step had waited when a log last said so, by the step's id.
    var told: [String: Duration] = [:]
  }

  private let state = Mutex(State())

  init(stepCount: Int, style: Style, isShown: Bool, on stream: any CommandStream) {
    self.stepCount = stepCount
    self.isShown = isShown
    self.stream = stream
    text = ApplyText(style: style)
    isTerminal = stream.isTerminal
  }

  func didBegin(_ step: Step, of domain: DomainPlan) {
    guard isShown else { return }
    state.withLock { state in
      state.underWay.append((step, domain))
      showUnderWay(state)
    }
  }

  func isWaiting(for step: Step, of domain: DomainPlan, _ wait: EffectWait) {
    guard isShown else { return }
    state.withLock { state in
      let waiting = text.waiting(
        values: wait.values, unchanged: wait.unchanged, patience: wait.patience)
      if isTerminal {
        // The line of the step showed its change before; with it, the time would not fit.
        let others = state.underWay.count - 1
        let more: ShownText = others > 0 ? "\(counted(others, "other step")) under way; " : ""
        stream.overwrite("[\(state.ended + 1)/\(stepCount)] \(more)\(domain.label): \(waiting)")
      } else if wait.elapsed - state.told[step.id, default: .zero] >= Self.interval {
        state.told[step.id] = wait.elapsed
        stream.write("\(line(step, domain, state.ended + 1)): \(waiting)\n")
      }
    }
  }

  func didPerform(_ step: Step, of domain: DomainPlan, _ result: StepResult) {
    guard isShown else { return }
    state.withLock { state in
      state.ended += 1
      state.underWay.removeAll { $0.step.id == step.id }
      if isTerminal { stream.overwrite("") }
      stream.write(paragraph: "\(line(step, domain, state.ended)): \(text.result(result))")
      showUnderWay(state)
    }
  }

  /// Shows on a terminal what is under way.
  private func showUnderWay(_ state: State) {
    guard isTerminal, let (step, domain) = state.underWay.first else { return }
    guard state.underWay.count > 1 else {
      stream.overwrite(line(step, domain, state.ended + 1) + " …")
      return
    }
    let names = NameList(state.underWay.map { "\($0.domain.label)" }).start
    let count = counted(state.underWay.count, "step")
    stream.overwrite("[\(state.ended)/\(stepCount)] \(count) under way: \(names) …")
  }

  func didLeave(_ domain: DomainPlan, because failure: StepFailure) {
    guard isShown else { return }
    state.withLock { state in
      if isTerminal && !state.underWay.isEmpty { stream.overwrite("") }
      stream.write(paragraph: "\(domain.label): left as it is (\(failure.rule))")
      showUnderWay(state)
    }
  }

  private func line(_ step: Step, _ domain: DomainPlan, _ number: Int) -> ShownText {
    text.progress(step, of: domain, number: number, total: stepCount)
  }
}
