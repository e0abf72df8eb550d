// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

/// The gallery: whole pages of what people see, so that a change of a text is read where it stands.
///
/// The situations run in the process's working directory, so they run one after the other.
@Suite(.serialized) struct GalleryTests {
  static let isRecording = ProcessInfo.processInfo.environment["RECORD"] == "1"

  @Test("every situation has a page, and every page a situation")
  func files() throws {
    let names = Situation.all.map(\.name)
    #expect(Set(names).count == names.count)
    #expect(try Situation.files() == Set(names.map { "\($0).txt" }))
  }

  @Test(
    "a person sees what the page shows, on lines that fit terminals of several widths",
    arguments: Situation.all)
  func page(situation: Situation) async throws {
    let parser = CommandParser()
    let stage = try await situation.played(width: 80, parser: parser)
    guard !Self.isRecording else {
      try situation.record(stage.page)
      Issue.record("recorded; look at it, and run again without RECORD")
      return
    }
    #expect(stage.page == situation.recorded)
    Self.checkLines(of: stage, width: 80)
    for width in [60, 120] {
      let other = try await situation.played(width: width, parser: parser)
      #expect(Self.words(of: other) == Self.words(of: stage), "a width of \(width) breaks a word")
      Self.checkLines(of: other, width: width)
    }
  }

  /// No line is longer than the terminal is wide, but for a single word, and none ends in spaces.
  private static func checkLines(of stage: Stage, width: Int) {
    for line in stage.terminalLines {
      #expect(line.count <= width || line.split(separator: " ").count == 1, "\(line)")
      #expect(line.last != " ")
    }
  }

  /// The words of what a terminal got, but for those of source lines, which are cut, not wrapped.
  private static func words(of stage: Stage) -> [Substring] {
    stage.terminalLines.filter { $0.firstMatch(of: /^ +[0-9]* [|]/) == nil }
      .flatMap { $0.split(separator: " ") }
  }
}
