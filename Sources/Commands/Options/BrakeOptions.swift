// SPDX-License-Identifier: Apache-2.0

import Applier
import ArgumentParser
import MemoryModel

/// How much of an apply goes on at the same time, and what makes it begin no more.
struct BrakeOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The most domains of a host that are under way at the same time. Default: 16.",
      valueName: "N"), transform: { try CountArgument(of: $0) })
  var parallel = CountArgument(HostApplier.defaultWidth)

  @Option(
    help: ArgumentHelp(
      "The most hosts that are under way at the same time. Default: 32.", valueName: "N"),
    transform: { try CountArgument(of: $0) })
  var parallelHosts = CountArgument(32)

  @Option(
    help: ArgumentHelp(
      """
      Begin no further domain after more than N domains, or P percent of those with steps, have \
      failed or were stale. Default: no limit.
      """, valueName: "N|P%"), transform: FailureLimit.init(argument:))
  var maxFailures: FailureLimit?

  @Option(
    help: ArgumentHelp(
      """
      Begin no further step after this time, such as 30m, counted from the approval. Default: no \
      limit.
      """, valueName: "TIME"), transform: { try DurationArgument(from: $0) })
  var deadline: DurationArgument?

  /// The brakes of a run that performs `plan` from now on.
  func brakes(for plan: Plan, interruption: any Interruption, in environment: Environment) -> Brakes
  {
    Brakes(
      failuresAllowed: maxFailures?.count(of: plan.domains.count { !$0.steps.isEmpty }),
      deadline: deadline?.duration, interruption: interruption, clock: environment.clock)
  }
}

/// A number on the command line, from 1 to 1,000.
struct CountArgument: CustomStringConvertible {
  let value: Int

  init(_ value: Int) {
    self.value = value
  }

  /// - Throws: A `ValidationError` with the range.
  init(of argument: String) throws {
    guard let value = wholeNumber(argument), (1...1_000).contains(value) else {
      throw ValidationError("it takes a whole number from 1 to 1000")
    }
    self.value = value
  }

  var description: String { "\(value)" }
}

/// How many domains may fail before an apply begins no other.
enum FailureLimit: Hashable {
  case domains(Int)
  case percent(Int)

  /// - Throws: A `ValidationError` with the forms of the limit.
  init(argument: String) throws {
    if argument.last == "%", let percent = wholeNumber(argument.dropLast()), percent <= 100 {
      self = .percent(percent)
    } else if let count = wholeNumber(argument) {
      self = .domains(count)
    } else {
      throw ValidationError("it takes a number of domains such as 3, or a share such as 10%")
    }
  }

  /// The number of domains that may fail of `total`; a share is rounded down.
  func count(of total: Int) -> Int {
    switch self {
    case .domains(let count): count
    case .percent(let percent): total * percent / 100
    }
  }
}

/// The number that `text` writes in at most nine decimal digits; nil for any other text.
private func wholeNumber(_ text: some StringProtocol) -> Int? {
  text.utf8.count <= 9 && text.utf8.allSatisfy { (48...57).contains($0) } ? Int(text) : nil
}
