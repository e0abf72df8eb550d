// SPDX-License-Identifier: Apache-2.0

import Applier
import LibvirtClient
import MemoryModel
import Platform

extension Environment {
  /// The process's own streams, signals and clock, its user's terminal, and libvirt.
  static func process(terminal: ControllingTerminal?) -> Environment {
    Environment(
      connect: { request async throws(HypervisorError) in
        _ = noteOnLog
        return try await LibvirtHost.connect(
          uri: request.uri, access: request.access, connectTimeout: request.connectTimeout,
          callTimeout: request.callTimeout)
      },
      output: StandardStream.output,
      error: StandardStream.error,
      terminal: terminal,
      variable: { environmentVariable($0) },
      deferSignals: { TerminationSignals.deferFirst() },
      deferredSignal: { TerminationSignals.deferred },
      timestamp: { Timestamp.now },
      clock: RealClock(),
      lockFolder: {
        do throws(FileError) {
          return .success(
            try LockFolder.find(runtimeFolder: environmentVariable("XDG_RUNTIME_DIR")))
        } catch {
          return .failure(error)
        }
      },
      runner: Runner(
        user: ProcessOwner.userName, processID: ProcessOwner.processID,
        runID: ProcessOwner.runID),
      libvirtVersion: { LibvirtHost.libraryVersion },
      announceWait: { TerminationSignals.announceWait($0?.description) })
  }
}

/// Says once that virtmem takes libvirt's log away from the streams on which the user wants it.
private let noteOnLog: Void = {
  guard ClientLog.isAskedForOnStreams else { return }
  StandardStream.error.write(
    "note: libvirt's log is not shown here, because it holds definitions with their passwords; "
      + "LIBVIRT_LOG_OUTPUTS=1:file:PATH writes it to a file.\n")
}()

extension ControllingTerminal: UserTerminal {}

extension StandardStream: CommandStream {
  /// Why standard output lost data; nil for standard error, whose losses do not count.
  var failure: String? { self == .output ? Self.loss : nil }
}

/// Runs the command that the process's arguments name, and ends the process with its status.
package func runCommandLine() async {
  Allocator.keepFreedMemory()
  StandardStream.prepare()
  let terminal = ControllingTerminal.takeFromChildren()
  TerminationSignals.install()
  let status = await Virtmem.run(in: .process(terminal: terminal))
  ConnectionProcesses.endAll()
  // C's exit handlers would free what libvirt's threads still use.
  StandardStream.endProcess(status)
}
