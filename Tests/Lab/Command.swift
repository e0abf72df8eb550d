// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

/// A run of another program.
enum Command {
  /// A program's exit status and output.
  struct Result {
    var status: Int32
    var output: String
    var errors: String
  }

  /// Runs a program to its end; its errors must fit into a pipe.
  static func run(_ arguments: [String]) throws -> Result {
    let (process, output, errors) = try start(arguments)
    let printed = output.fileHandleForReading.readDataToEndOfFile()
    let complained = errors.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return Result(
      status: process.terminationStatus, output: String(decoding: printed, as: UTF8.self),
      errors: String(decoding: complained, as: UTF8.self))
  }

  /// Starts a program, with pipes for its output and errors.
  static func start(_ arguments: [String]) throws -> (Process, output: Pipe, errors: Pipe) {
    let process = Process()
    let (output, errors) = (Pipe(), Pipe())
    process.executableURL = URL(filePath: arguments[0])
    process.arguments = Array(arguments.dropFirst())
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = output
    process.standardError = errors
    try process.run()
    return (process, output, errors)
  }

  /// The built binary that these tests are for.
  static var virtmem: String {
    get throws {
      let test = URL(filePath: CommandLine.arguments[0])
      let beside = test.deletingLastPathComponent().appending(path: "virtmem").path
      let usual = Lab.root.appending(path: ".build/debug/virtmem").path
      guard let path = [beside, usual].first(where: FileManager.default.isExecutableFile) else {
        throw LabError("The binary virtmem is not built: `swift build --product virtmem`.")
      }
      return path
    }
  }
}

/// Waits until `condition` holds, and checks it five times a second.
func eventually(
  _ what: String, within limit: Duration, _ condition: () throws -> Bool,
  otherwise: () -> String = { "" }
) throws {
  let start = ContinuousClock.now
  while try !condition() {
    guard start.duration(to: .now) < limit else {
      throw LabError("Waited \(limit) in vain until \(what). \(otherwise())")
    }
    Thread.sleep(forTimeInterval: 0.2)
  }
}

/// Waits until `condition` holds, and checks it twenty times a second.
func eventually(
  _ what: String, within limit: Duration, _ condition: () async throws -> Bool
) async throws {
  let start = ContinuousClock.now
  while try await !condition() {
    guard start.duration(to: .now) < limit else {
      throw LabError("Waited \(limit) in vain until \(what).")
    }
    try await Task.sleep(for: .milliseconds(50))
  }
}
