// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

/// Applies of several processes and users on one host.
@Suite struct LockTests {
  /// A pipe that is full and that nobody reads.
  private final class FullPipe {
    let path: String
    private let descriptors: [Int32]

    init(_ path: String) throws {
      self.path = path
      unsafe mkfifo(path, 0o600)
      let reader = unsafe open(path, O_RDONLY | O_NONBLOCK)
      let writer = unsafe open(path, O_WRONLY | O_NONBLOCK)
      descriptors = [reader, writer]
      for count in [4096, 1] {
        let bytes = [UInt8](repeating: UInt8(ascii: "\n"), count: count)
        while unsafe write(writer, bytes, count) > 0 {}
      }
    }

    deinit { descriptors.forEach { close($0) } }
  }

  private let sandbox: Sandbox
  private let arguments: [String]
  private let variables: [String: String]

  init() throws {
    sandbox = try Sandbox()
    arguments = [
      "apply", try sandbox.file("fleet.yaml", Manifest.change), "-c", try sandbox.node(),
      "--auto-approve",
    ]
    variables = ["XDG_RUNTIME_DIR": sandbox.folder.path]
  }

  /// Starts an apply that holds the lock while it waits for the reader of its audit.
  private func holder(_ pipe: FullPipe) throws -> Process {
    let process = try sandbox.process(arguments + ["--audit", pipe.path], variables)
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    let folder = sandbox.folder.appending(path: "virtmem").path
    for _ in 0..<2000 {
      let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
      if let name = names.first,
        let record = try? String(contentsOfFile: "\(folder)/\(name)", encoding: .utf8),
        record.contains("pid \(process.processIdentifier)\n")
      {
        break
      }
      usleep(5000)
    }
    return process
  }

  @Test("a second apply is told who holds the host; the lock ends with its holder's kill -9")
  func killed() throws {
    let pipe = try FullPipe(sandbox.folder.appending(path: "audit").path)
    let holder = try holder(pipe)
    let second = try sandbox.run(arguments, environment: variables)
    #expect(second.status == 1)
    #expect(
      second.errors.contains(
        "Another apply is changing this host: \(NSUserName()), process \(holder.processIdentifier), "
          + "since "))
    kill(holder.processIdentifier, SIGKILL)
    holder.waitUntilExit()
    #expect(try sandbox.run(arguments, environment: variables).status == 0)
  }

  @Test("a pipe that nobody reads any more fails the step, and nothing is changed")
  func unreadPipe() throws {
    let pipe = try FullPipe(sandbox.folder.appending(path: "audit").path)
    let outcome = try sandbox.run(
      arguments + ["--audit", pipe.path, "--format", "json"], environment: variables)
    #expect(outcome.status == 1)
    let result = try outcome.document()["domains"][0]["steps"][0]["result"]
    #expect(result["rule"] == "not-recorded")
    #expect(try outcome.document()["domains"][0]["result"]["observed"] == "change")
  }
}
