// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import MemoryModel
import Platform

/// The note of a run.
struct NoteOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      A remark for the plan, the audit and the lock; without it, the address and the commit of the \
      CI job.
      """, valueName: "text"))
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
      "Append a line to this file before and after each change; what can't be recorded isn't done.",
      valueName: "file"), completion: .file())
  var audit: String?

  @Option(
    help: ArgumentHelp(
      "How long to wait for another apply that holds a host's lock.", valueName: "duration"),
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

  /// The status that a run with this trouble would end with.
  var status: ExitStatus {
    switch self {
    case .blocked: .blocked
    case .unobserved: .unobserved
    }
  }
}

/// A list of tolerated troubles on the command line, separated by commas.
struct ToleranceArgument: ExpressibleByArgument {
  let tolerated: [Tolerated]

  init?(argument: String) {
    let words = argument.split(separator: ",", omittingEmptySubsequences: false)
    tolerated = words.compactMap { Tolerated(rawValue: String($0)) }
    guard tolerated.count == words.count else { return nil }
  }
}

/// What does not decide the status of a run.
struct ToleranceOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      Show and count what is blocked or unobserved, and let it not decide the exit status; one of \
      the two words, or both with a comma.
      """, valueName: "blocked,unobserved"))
  var tolerate: [ToleranceArgument] = []

  /// The status of a run to which all of `statuses` apply but for the tolerated ones.
  func status(of statuses: Set<ExitStatus>) -> ExitStatus {
    let tolerated = tolerate.flatMap(\.tolerated).map(\.status)
    return ExitStatus.of(statuses.subtracting(tolerated))
  }
}
