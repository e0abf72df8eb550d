// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

/// The module table of CONTRIBUTING, held against the `import` lines; SwiftPM does not.
@Suite struct ImportsTests {
  private static let system: Set<String> = ["Synchronization"]

  private static let allowed: [String: Set<String>] = [
    "MemoryModel": ["Dispatch"],
    "LibvirtModel": ["MemoryModel"],
    "Documents": ["MemoryModel", "CYAML", "CMalloc", "Glibc"],
    "DomainXML": ["MemoryModel", "CLibXML2"],
    "Planner": ["MemoryModel", "LibvirtModel"],
    "LibvirtClient": ["MemoryModel", "DomainXML", "CLibvirt", "Glibc"],
    "Applier": ["MemoryModel", "Planner"],
    "Report": ["MemoryModel"],
    "virtmem": [
      "MemoryModel", "LibvirtModel", "Documents", "DomainXML", "Planner", "LibvirtClient",
      "Applier", "Report", "ArgumentParser",
    ],
  ]

  @Test("a module imports what the table allows", arguments: Project.sources)
  func imports(file: Project.File) throws {
    let imported = try file.lines.compactMap { line -> String? in
      let words = line.split(separator: " ")
      guard let index = words.firstIndex(of: "import"), index <= 1, words.count == index + 2 else {
        return nil
      }
      return String(words[index + 1])
    }
    let allowed = try #require(Self.allowed[file.module], "\(file.module) is not in the table")
    #expect(Set(imported).subtracting(allowed).subtracting(Self.system).isEmpty)
  }

  @Test("every module has sources", arguments: Self.allowed.keys.sorted())
  func module(name: String) {
    #expect(Project.sources.contains { $0.module == name })
  }

  @Test("the word unsafe stays at the edges of C", arguments: Project.sources)
  func unsafe(file: Project.File) throws {
    let edges: Set<String> = ["LibvirtClient", "DomainXML", "Documents"]
    guard !edges.contains(file.module) else { return }
    #expect(try !file.text.contains("unsafe"))
  }

  @Test("every file says its licence and stays under 300 lines", arguments: Project.sources)
  func form(file: Project.File) throws {
    let lines = try file.lines
    #expect(lines.first == "// SPDX-License-Identifier: Apache-2.0")
    #expect(lines.count <= 300)
  }

  /// The formatter's own rule looks at `public` alone.
  @Test("what other modules may use has a doc comment", arguments: Project.sources)
  func documented(file: Project.File) throws {
    let lines = try file.lines
    let declarations = [
      "func ", "var ", "let ", "struct ", "enum ", "class ", "init", "subscript", "protocol ",
      "case ",
    ]
    for (index, line) in lines.enumerated() {
      let trimmed = line.trimmingCharacters(in: .whitespaces)
      guard trimmed.hasPrefix("package ") || trimmed.hasPrefix("public "),
        declarations.contains(where: { trimmed.contains($0) }), !trimmed.contains(" import ")
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
