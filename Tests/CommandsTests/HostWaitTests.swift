// SPDX-License-Identifier: Apache-2.0

import MemoryModel
import Platform
import Synchronization
import TestSupport
import Testing

@testable import Commands

/// What standard error says while a run waits for hosts.
@Suite("waiting for hosts", .timeLimit(.minutes(1))) struct HostWaitTests {
  private static let hosts = ["hv01", "hv02"].map { DesiredHost(name: $0, uri: "test:///\($0)") }

  /// What `stream` gets while a run waits `seconds` ticks for hv02, and nothing for hv01.
  private func told(
    to stream: RecordedStream, waiting seconds: Int, isQuiet: Bool = false
  ) async throws -> String {
    let ticks = Mutex(0)
    let isOver = Mutex(false)
    let scene = try Scene()
    let announcements = scene.announcements
    var environment = scene.environment(stream, stream)
    environment.tick = { _ in
      // The tasks of both hosts may begin after the first ticks.
      while !Task.isCancelled && !announcements.all.contains("virtmem waited for hv02") {
        await Task.yield()
      }
      while !Task.isCancelled && isOver.withLock(\.self) { await Task.yield() }
      ticks.withLock { $0 += 1 }
      if ticks.withLock(\.self) > seconds { isOver.withLock { $0 = true } }
      await Task.yield()
    }
    let names = await HostWait.forEach(
      Self.hosts, limit: " of 10 s", isQuiet: isQuiet, in: environment
    ) { host in
      while host.name == "hv02" && !isQuiet && !isOver.withLock(\.self) { await Task.yield() }
      return host.name
    }
    #expect(names == ["hv01", "hv02"])
    // A signal can say for what the run waits, also where the run is quiet.
    #expect(scene.announcements.all.first == "virtmem waited for hv01, hv02")
    #expect(scene.announcements.all.last == .some(nil))
    return stream.text
  }

  @Test("a terminal has one line, which disappears")
  func terminal() async throws {
    let text = try await told(to: RecordedStream(isTerminal: true), waiting: 4)
    #expect(text.contains("\r\u{1B}[Kwaiting for hv02 (3 s of 10 s)"))
    #expect(!text.contains("(1 s"))
    #expect(text.hasSuffix("\r\u{1B}[K"))
    #expect(!text.contains("\n"))
  }

  @Test("the line is cut to the width of the terminal, which could not take back a second one")
  func narrow() async throws {
    let text = try await told(to: RecordedStream(isTerminal: true, width: 20), waiting: 4)
    #expect(text.contains("\r\u{1B}[Kwaiting for hv02 (3…"))
  }

  @Test("a log has a line every 15 seconds")
  func log() async throws {
    let text = try await told(to: RecordedStream(isTerminal: false), waiting: 31)
    #expect(
      text == "waiting for hv02 (15 s of 10 s)\nwaiting for hv02 (30 s of 10 s)\n")
  }

  @Test("a run that is quiet, or that waits for nothing, says nothing")
  func silent() async throws {
    #expect(try await told(to: RecordedStream(isTerminal: true), waiting: 9, isQuiet: true) == "")
    #expect(try await told(to: RecordedStream(isTerminal: true), waiting: 0) == "")
  }
}
