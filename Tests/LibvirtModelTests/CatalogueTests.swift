// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials
import LibvirtModel
import MemoryModel
import Testing

@Suite struct CatalogueTests {
  static let root = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("Sources")

  /// The text of each file of a module whose name `isMeant` accepts.
  static func texts(of module: String, where isMeant: (String) -> Bool) -> [String] {
    let folder = root.appendingPathComponent(module)
    let files = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return files.sorted().filter(isMeant).compactMap { file in
      (try? Data(contentsOf: folder.appendingPathComponent(file)))
        .map { String(decoding: $0, as: UTF8.self) }
    }
  }

  /// All code that could use a rule.
  static let users: String = ["LibvirtModel", "Planner", "virtmem"]
    .flatMap { texts(of: $0) { !$0.hasPrefix("Constraint") } }.joined()

  @Test("rules' names are unique and sorted, and each finds its rule")
  func names() {
    let names = Constraint.all.map(\.name)
    #expect(Set(names).count == names.count && names == names.sorted() && !names.isEmpty)
    #expect(names.allSatisfy { Constraint.named($0)?.name == $0 })
    #expect(Constraint.named("no-such-rule") == nil)
  }

  @Test(
    "a rule has a well-formed name, summary, fact and remedy", arguments: Constraint.all.map(\.name)
  )
  func texts(name: String) throws {
    let rule = try #require(Constraint.named(name))
    #expect(name.wholeMatch(of: /[a-z0-9]+(-[a-z0-9]+)+/) != nil)
    #expect(!rule.summary.isEmpty && !rule.summary.hasSuffix(".") && !rule.summary.contains("\n"))
    #expect(rule.fact.hasSuffix(".") && rule.remedy.hasSuffix("."))
    #expect(rule.fields.allSatisfy { Field.named($0) != nil })
    #expect(!rule.isLiftedByStart || rule.effect == .refuses)
  }

  /// The identifiers of the rules in the catalogue's own files.
  static let identifiers: [String] = texts(of: "LibvirtModel") { $0.hasPrefix("Constraint+") }
    .flatMap { text in
      text.matches(of: /public static let (\w+) = Constraint\(/).map { String($0.1) }
    }

  @Test("the catalogue lists every rule")
  func complete() {
    #expect(Self.identifiers.count == Constraint.all.count)
  }

  @Test("some code uses each rule", arguments: identifiers)
  func used(identifier: String) {
    #expect(Self.users.contains(".\(identifier)"))
  }
}
