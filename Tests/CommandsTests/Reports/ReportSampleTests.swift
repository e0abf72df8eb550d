// SPDX-License-Identifier: Apache-2.0

import Foundation
import MemoryModel
import TestSupport
import Testing

@testable import Commands

/// Samples of the reports, so that a change of one is read as its readers see it.
///
/// The runs have a working directory of their own, so they run one after the other.
@Suite(.serialized) struct ReportSampleTests {
  /// A run, a form of its report, and the file in Tests/Reports that has it.
  struct Sample: Sendable, CustomTestStringConvertible {
    let scene: ReportScene
    let format: Format

    var file: String { "\(scene.name).\(format.rawValue)" }
    var testDescription: String { file }

    private static let folder = URL(filePath: #filePath)
      .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "Reports")

    static func files() throws -> Set<String> {
      Set(try FileManager.default.contentsOfDirectory(atPath: folder.path))
    }

    var url: URL { Self.folder.appending(path: file) }
  }

  /// All forms of a plan, and of the other runs those that are not much the same.
  static let samples =
    Format.allCases.filter { ![.human, .json].contains($0) }
    .map { Sample(scene: .plan, format: $0) }
    + [.markdown, .html, .github].map { Sample(scene: .drift, format: $0) }
    + [.markdown, .html, .junit, .prometheus].map { Sample(scene: .apply, format: $0) }
    + Format.allCases.filter { ![.human, .json].contains($0) }
    .map { Sample(scene: .mistakes, format: $0) }

  @Test("every sample has a file, and every file a sample")
  func files() throws {
    #expect(try Sample.files() == Set(Self.samples.map(\.file)))
  }

  @Test("a report is what its sample shows", arguments: samples)
  func report(sample: Sample) async throws {
    let outcome = try await sample.scene.played(sample.format)
    let text = try Self.readable(outcome.output)
    guard !GalleryTests.isRecording else {
      try Data(text.utf8).write(to: sample.url)
      Issue.record("recorded; look at it, and run again without RECORD")
      return
    }
    #expect(text == String(decoding: try Data(contentsOf: sample.url), as: UTF8.self))
  }

  /// The text; a JSON document with one member a line.
  private static func readable(_ text: String) throws -> String {
    guard text.hasPrefix("{") || text.hasPrefix("[") else { return text }
    let value = try JSONSerialization.jsonObject(with: Data(text.utf8))
    let pretty = try JSONSerialization.data(
      withJSONObject: value, options: [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes])
    return String(decoding: pretty, as: UTF8.self) + "\n"
  }
}
