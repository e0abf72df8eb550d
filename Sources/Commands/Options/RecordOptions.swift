// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import MemoryModel
import Platform

/// The note of a run.
struct NoteOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      A remark for the plan, the audit and the lock. Default: the address and the commit of the CI \
      job.
      """, valueName: "TEXT"))
  var note: String?

  func validate() throws {
    guard let note else { return }
    guard !note.isEmpty, note.utf8.count <= RunNote.longestNote else {
      throw ValidationError("--note takes 1 to \(RunNote.longestNote) bytes.")
    }
    guard !note.unicodeScalars.contains(where: { $0.properties.generalCategory == .control })
    else { throw ValidationError("--note is one line without control characters.") }
  }

  /// The note of the run; nil if the user gave none and no CI job runs it.
  func note(in environment: Environment) -> String? {
    note ?? RunNote.ofJob(in: environment)
  }
}

/// The record of a run, and the lock that keeps other runs away meanwhile.
struct RecordOptions: ParsableArguments {
  @OptionGroup var note: NoteOptions

  @Option(
    help: ArgumentHelp(
      """
      Append a line to this file before and after each change. A change that can't be recorded is \
      not made.
      """,
      valueName: "FILE"), completion: .file())
  var audit: String?

  @Option(
    help: ArgumentHelp(
      "How long to wait for another apply on the same host, such as 5m. Default: 0s.",
      valueName: "0s"),
    transform: { try DurationArgument(from: $0, allowsZero: true) })
  var lockTimeout = DurationArgument(seconds: 0)

  /// The file of the audit, opened for appending; nil if the user asked for none.
  func openAudit() throws -> AppendedFile? {
    guard let audit else { return nil }
    do throws(FileError) {
      return try AppendedFile(appendingTo: audit)
    } catch {
      throw Failure("\(error.message)", .usage)
    }
  }
}

/// A trouble with which a run may be as successful as without it.
enum Tolerated: String, CaseIterable {
  case blocked
  case unobserved

  /// The verdict of such a domain or field.
  var verdict: Verdict {
    switch self {
    case .blocked: .blocked
    case .unobserved: .unobserved
    }
  }

  /// The status that a run with this trouble would end with.
  var status: ExitStatus {
    switch self {
    case .blocked: .blocked
    case .unobserved: .unobserved
    }
  }
}

/// A list of tolerated troubles on the command line, separated by commas.
struct ToleranceArgument {
  let tolerated: [Tolerated]

  /// - Throws: A `ValidationError` with the words that there are.
  init(argument: String) throws {
    let words = argument.split(separator: ",", omittingEmptySubsequences: false)
    tolerated = words.compactMap { Tolerated(rawValue: String($0)) }
    guard tolerated.count == words.count else {
      throw ValidationError("it takes blocked, unobserved, or both: blocked,unobserved")
    }
  }
}

/// What does not decide the status of a run.
struct ToleranceOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      Show what is blocked or unobserved, but do not end with status 3 or 5 for it: blocked, \
      unobserved, or both with a comma.
      """, valueName: "WHAT"), transform: ToleranceArgument.init(argument:))
  var tolerate: [ToleranceArgument] = []

  /// The tolerated verdicts, as a document has them.
  var verdicts: [Verdict] {
    let words = tolerate.flatMap(\.tolerated)
    return Tolerated.allCases.filter(words.contains).map(\.verdict)
  }

  /// The status of a run to which all of `statuses` apply but for the tolerated ones, and for those
  /// that the run which made a saved plan tolerated.
  func status(of statuses: Set<ExitStatus>, besides saved: [Verdict] = []) -> ExitStatus {
    let tolerated = Tolerated.allCases.filter { (verdicts + saved).contains($0.verdict) }
    return ExitStatus.of(statuses.subtracting(tolerated.map(\.status)))
  }
}
