// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

/// What holds for every source file.
///
/// The compiler checks their imports: `make test` builds with
/// `--explicit-target-dependency-import-check error`.
@Suite struct SourcesTests {
  @Test("only modules at the edge to C use the word unsafe", arguments: Project.sources)
  func unsafe(file: Project.File) throws {
    let edges: Set<String> = [
      "Basics", "Documents", "DomainXML", "LibvirtClient", "Platform", "YAML",
    ]
    guard !edges.contains(file.module) else { return }
    // The policy of a page of HTML has a word for style sheets within it.
    let text = try file.text.replacing("'unsafe-inline'", with: "")
    #expect(!text.contains("unsafe"))
  }

  @Test("every file has its licence and at most 300 lines", arguments: Project.sources)
  func form(file: Project.File) throws {
    let lines = try file.lines
    #expect(lines.first == "// SPDX-License-Identifier: Apache-2.0")
    #expect(lines.count <= 300)
  }

  @Test("no folder has more than 16 files")
  func folders() {
    let folders = Dictionary(grouping: Project.sources) {
      $0.path.split(separator: "/").dropLast().joined(separator: "/")
    }
    #expect(folders.allSatisfy { $0.value.count <= 16 })
  }

  /// The formatter's own rule covers only `public`.
  ///
  /// A rule needs no comment, because its text says what it is.
  @Test(
    "every declaration that other modules can use has a doc comment", arguments: Project.sources)
  func documented(file: Project.File) throws {
    let lines = try file.lines
    let declarations = [
      "func ", "var ", "let ", "struct ", "enum ", "class ", "init", "subscript", "protocol ",
      "case ",
    ]
    for (index, line) in lines.enumerated() {
      let trimmed = line.trimmingCharacters(in: .whitespaces)
      guard trimmed.hasPrefix("package ") || trimmed.hasPrefix("public "),
        declarations.contains(where: { trimmed.contains($0) }), !trimmed.contains(" import "),
        !trimmed.contains(" = Rule(")
      else { continue }
      var above = index - 1
      while above >= 0, lines[above].trimmingCharacters(in: .whitespaces).hasPrefix("@") {
        above -= 1
      }
      let hasComment =
        above >= 0 && lines[above].trimmingCharacters(in: .whitespaces).hasPrefix("///")
      #expect(hasComment, "\(file.path):\(index + 1): \(trimmed)")
    }
  }
}
