// SPDX-License-Identifier: Apache-2.0

package import Applier
package import MemoryModel
package import Platform
import Report

/// All that a command uses except its arguments and files.
///
/// The program passes its own streams, signals and clock, and libvirt. A test passes buffers and a
/// simulated hypervisor, and runs a whole command in its own process.
package struct Environment: Sendable {
  /// Opens a connection to a host.
  package var connect: @Sendable (ConnectionRequest) async throws(HypervisorError) -> any Hypervisor
  /// Standard output, for data.
  package var output: any CommandStream
  /// Standard error, for progress and messages.
  package var error: any CommandStream
  /// The terminal on which a user can answer a question; nil where there is none.
  package var terminal: (any UserTerminal)?
  /// The value of an environment variable; nil if it is unset or empty.
  package var variable: @Sendable (String) -> String?
  /// Delays the next SIGINT or SIGTERM until the command asks for it.
  package var deferSignals: @Sendable () -> Void
  /// The delayed signal; nil if none arrived.
  package var deferredSignal: @Sendable () -> Int32?
  /// The time of day, as documents write it (RFC 3339).
  package var timestamp: @Sendable () -> String
  /// The clock that measures waits.
  package var clock: any WaitingClock
  /// When the command began, on ``clock``.
  private(set) var began = Duration.zero
  /// Lets time pass between two lines of progress; returns early if the task is cancelled.
  package var tick: @Sendable (Duration) async -> Void
  /// The folder in which applies lock hosts; nil where this machine has none.
  package var lockFolder: @Sendable () -> Result<String?, FileError>
  /// Who runs the command.
  package var runner: Runner
  /// The version of libvirt's client library; nil where it does not tell.
  package var libvirtVersion: @Sendable () -> Version?
  /// Says what a run waits for, so that the first signal can say it; nil where it waits for nothing.
  package var announceWait: @Sendable (ShownText?) -> Void

  /// Makes an environment; ``tick`` lets real time pass unless it is given.
  package init(
    connect:
      @escaping @Sendable (ConnectionRequest) async throws(HypervisorError)
      -> any Hypervisor,
    output: any CommandStream, error: any CommandStream, terminal: (any UserTerminal)?,
    variable: @escaping @Sendable (String) -> String?, deferSignals: @escaping @Sendable () -> Void,
    deferredSignal: @escaping @Sendable () -> Int32?, timestamp: @escaping @Sendable () -> String,
    clock: any WaitingClock,
    tick: @escaping @Sendable (Duration) async -> Void = { try? await Task.sleep(for: $0) },
    lockFolder: @escaping @Sendable () -> Result<String?, FileError>, runner: Runner,
    libvirtVersion: @escaping @Sendable () -> Version?,
    announceWait: @escaping @Sendable (ShownText?) -> Void
  ) {
    self.connect = connect
    self.output = output
    self.error = error
    self.terminal = terminal
    self.variable = variable
    self.deferSignals = deferSignals
    self.deferredSignal = deferredSignal
    self.timestamp = timestamp
    self.clock = clock
    self.tick = tick
    self.lockFolder = lockFolder
    self.runner = runner
    self.libvirtVersion = libvirtVersion
    self.announceWait = announceWait
  }

  /// The present day, in UTC.
  var today: Day? { Day(String(timestamp().prefix(10))) }

  /// How long the command has run.
  var elapsed: Duration { clock.now - began }

  /// The environment of a command that begins now.
  func beginning() -> Environment {
    var environment = self
    environment.began = clock.now
    return environment
  }
}

/// The user and the process that run a command, for the audit and for locks.
package struct Runner: Hashable, Sendable {
  /// The user's name.
  package var user: String
  /// The number of the process.
  package var processID: Int32
  /// A text that no other run has.
  package var runID: String

  /// Makes a runner.
  package init(user: String, processID: Int32, runID: String) {
    self.user = user
    self.processID = processID
    self.runID = runID
  }
}

/// A command's request for a connection to a host.
package struct ConnectionRequest: Hashable, Sendable {
  /// The host's URI; nil for libvirt's own default.
  package var uri: String?
  /// Whether the command may change the host's domains.
  package var access: Access
  /// How long the host may take for its first answer.
  package var connectTimeout: Duration
  /// How long one call may take.
  package var callTimeout: Duration
}

/// A terminal on which a command asks its user.
package protocol UserTerminal: Sendable {
  /// The width of the terminal in columns; nil where it tells none.
  var width: Int? { get }
  /// Writes all of `text`.
  func write(_ text: ShownText)
  /// Reads the user's answer; nil where the user gives none.
  func readLine() -> String?
}

/// A stream that a command writes to.
package protocol CommandStream: Sendable {
  /// Whether the stream is a terminal.
  var isTerminal: Bool { get }
  /// The width of the terminal in columns; nil where lines may have any length.
  var width: Int? { get }
  /// Why the stream lost data that the command wrote; nil if it lost none.
  var failure: String? { get }
  /// Writes all of `text`.
  func write(_ text: ShownText)
  /// Writes all of a document.
  func write(document bytes: [UInt8])
}

extension CommandStream {
  /// Writes `text` over the line that the terminal showed last; it must fit one line, because a
  /// terminal can't go back to the line before.
  func overwrite(_ text: ShownText) {
    write("\r\u{1B}[K" + text.cut(to: width))
  }

  /// Writes lines that stay and fit the terminal; the second and later ones are indented.
  func write(paragraph text: ShownText, indent: Int = 4) {
    write(text.wrapped(to: width, indent: indent).map { "\($0)\n" }.joined())
  }
}
