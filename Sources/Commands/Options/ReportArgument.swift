// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import MemoryModel
import Planner
import Platform

/// A file that gets the result of a run in one format, beside the text.
struct ReportArgument: Sendable {
  /// The path that means standard output.
  static let standardOutput = "-"

  let format: Format
  let path: String

  /// Reads `FORMAT=FILE`.
  ///
  /// - Throws: A `ValidationError` with the formats.
  init(argument: String) throws {
    let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    let formats = Format.ofReports.map(\.rawValue)
    guard parts.count == 2, !parts[1].isEmpty else {
      throw ValidationError(
        "it takes FORMAT=FILE, such as json=plan.json; FILE - is standard output")
    }
    guard let format = Format.ofReports.first(where: { $0.rawValue == parts[0] }) else {
      throw ValidationError(
        "'\(parts[0])' is no format of reports; there is \(formats.joined(separator: ", "))")
    }
    self.init(format, path: String(parts[1]))
  }

  /// Makes a report in a file.
  init(_ format: Format, path: String) {
    self.format = format
    self.path = path
  }

  var isOnStandardOutput: Bool { path == Self.standardOutput }

  /// Reads the name of a run.
  ///
  /// - Throws: A `ValidationError` if reports could not have the name.
  static func runName(_ argument: String) throws -> String {
    let isOneLine = argument.unicodeScalars.allSatisfy {
      $0.properties.generalCategory != .control
    }
    guard isOneLine, (1...100).contains(argument.utf8.count) else {
      throw ValidationError("it takes 1 to 100 bytes without control characters")
    }
    return argument
  }
}

/// A command whose result goes to standard output and into the files of `--report`.
protocol ReportingCommand: Subcommand {
  var output: OutputOptions { get }
  /// The files that get the result.
  var reports: [ReportArgument] { get }
  /// The part of the hosts that the run covers; nil for all hosts.
  var shard: Shard? { get }
  /// The files and folders that the command reads; no report may replace one of them.
  var inputs: [String] { get }
}

extension ReportingCommand {
  var reports: [ReportArgument] { output.reports }

  var shard: Shard? { nil }

  /// How the command shows its result.
  func presentation(in environment: Environment) -> Presentation {
    var presentation = output.presentation(for: reports, in: environment)
    presentation.shard = shard?.number
    presentation.command = Self.configuration.commandName ?? "\(Self.self)".lowercased()
    return presentation
  }

  /// Checks, before the first connection, that each report has a file of its own that virtmem may
  /// write.
  ///
  /// - Throws: A `ValidationError` or a ``Failure`` with the status 64.
  func checkReports() throws {
    let files = reports.filter { !$0.isOnStandardOutput }.map(\.path)
    let onOutput = reports.count(where: \.isOnStandardOutput) + (output.format == .human ? 0 : 1)
    guard onOutput <= 1 else {
      throw ValidationError(
        "Standard output takes one document: give the others a file (--report FORMAT=FILE).")
    }
    var taken: Set<String> = []
    for file in files {
      guard taken.insert(OutputFile.target(of: file)).inserted else {
        throw ValidationError("Two reports would be written to \(file): give each its own file.")
      }
      guard !isInput(file) else {
        throw ValidationError("The run reads \(file): give the result another file.")
      }
      do throws(FileError) { try OutputFile.check(file) } catch {
        throw Failure("\(error.message)", .usage)
      }
    }
  }

  /// Whether `file` is one that the command reads, or would be read as a manifest of a folder.
  private func isInput(_ file: String) -> Bool {
    let target = OutputFile.target(of: file)
    // A terminal is for both: /dev/stdin and /dev/stdout.
    guard !target.hasPrefix("/dev/"), !target.hasPrefix("/proc/") else { return false }
    let isManifest = [".yaml", ".yml"].contains { target.hasSuffix($0) }
    return inputs.contains { input in
      let source = OutputFile.target(of: input)
      return target == source || isManifest && target.hasPrefix(source + "/")
    }
  }
}
