// SPDX-License-Identifier: Apache-2.0

import Documents
import MemoryModel
import Platform
import Synchronization

/// The file of `--audit`: one line before and one after each write of an apply.
final class AuditLog: Sendable {
  private let file: AppendedFile
  private let run: AuditedRun
  private let timestamp: @Sendable () -> String
  /// Why a result could not be recorded; nil if all were.
  private let lost = Mutex<String?>(nil)

  init(_ file: AppendedFile, of run: AuditedRun, timestamp: @escaping @Sendable () -> String) {
    self.file = file
    self.run = run
    self.timestamp = timestamp
  }

  /// Why the audit lacks the result of a write that was made; nil if it lacks none.
  var loss: String? { lost.withLock(\.self) }

  /// Records that `call` is about to be made.
  ///
  /// After a result was lost, no further call is recorded, because a reader of the audit could not
  /// tell the calls apart.
  func willWrite(
    _ call: Call, in step: Step, of domain: DomainPlan
  ) throws(RecordingRefusal) {
    if let loss { throw RecordingRefusal(reason: loss) }
    let line = AuditLine(run: run, time: timestamp(), call: call, step: step, domain: domain)
    do throws(FileError) {
      try file.append(line.bytes)
    } catch {
      throw RecordingRefusal(reason: error.message)
    }
  }

  /// Records what came of `call`.
  func didWrite(_ call: Call, in step: Step, of domain: DomainPlan, _ result: StepResult) {
    let line = AuditLine(
      run: run, time: timestamp(), call: call, step: step, domain: domain, result: result)
    do throws(FileError) {
      try file.append(line.bytes)
    } catch {
      lost.withLock { $0 = $0 ?? error.message }
    }
  }
}
