// SPDX-License-Identifier: Apache-2.0

import YAML
import MemoryModel
import Testing

@testable import Documents

/// What holds for all manifests, tested with random ones; a failure names its seed.
@Suite struct ManifestLawTests {
  private static let seeds: [UInt64] = Array(1...200)

  /// A layer as a Profile's document creates it.
  private static func layer(_ text: String) throws -> ManifestLayer {
    let (documents, _) = YAMLReader.read(YAMLSource(file: "a.yaml", text: text))
    var decoder = ManifestDecoder(file: "a.yaml")
    guard case .profile(let profile) = decoder.document(try #require(documents.first)) else {
      throw ExpectedProfile()
    }
    return profile.layer
  }

  private struct ExpectedProfile: Error {}

  private static func merged(_ first: ManifestLayer, _ later: ManifestLayer) -> ManifestLayer {
    var layer = first
    layer.merge(later)
    return layer
  }

  @Test("merging three layers gives the same result in both groupings", arguments: seeds)
  func associative(seed: UInt64) throws {
    var specs = RandomSpec(seed: seed)
    let (first, second, third) = (
      try Self.layer(document("Profile", "a", spec: specs.next(mistakes: true))),
      try Self.layer(document("Profile", "b", spec: specs.next(mistakes: true))),
      try Self.layer(document("Profile", "c", spec: specs.next(mistakes: true)))
    )
    let left = Self.merged(Self.merged(first, second), third)
    let right = Self.merged(first, Self.merged(second, third))
    #expect(left == right)
    #expect(ManagedFields(left).configuration == ManagedFields(right).configuration)
    #expect(Self.merged(ManifestLayer(), first) == first)
    #expect(Self.merged(first, ManifestLayer()) == first)
  }

  @Test(
    "the order of the files doesn't change the desired state, and items are sorted",
    arguments: seeds)
  func orderOfFiles(seed: UInt64) {
    var specs = RandomSpec(seed: seed)
    let names = ["default", "p", "q"]
    var sources = names.map {
      YAMLSource(file: "\($0).yaml", text: document("Profile", $0, spec: specs.next()))
    }
    for name in ["x", "y"] {
      let spec = "profiles: [q, p]\n\(specs.next())"
      sources.append(
        YAMLSource(file: "\(name).yaml", text: document("Domain", name, spec: spec)))
    }
    let (state, diagnostics) = ManifestReader.read(sources: sources)
    let (other, otherDiagnostics) = ManifestReader.read(
      sources: sources.shuffled(using: &specs.generator))
    #expect(
      state.domains.sorted { $0.name < $1.name } == other.domains.sorted { $0.name < $1.name })
    #expect(Set(diagnostics) == Set(otherDiagnostics))
    for configuration in state.domains.map(\.configuration) {
      let (cells, memnodes) = (configuration.cells.map(\.id), configuration.numatune.memnodes)
      #expect(cells == cells.sorted() && memnodes.map(\.cell) == memnodes.map(\.cell).sorted())
      #expect(configuration.devices.map(\.key) == configuration.devices.map(\.key).sorted())
    }
  }

  @Test(
    "the reader reads a random spec or refuses it with places and remedies",
    arguments: seeds)
  func randomSpecs(seed: UInt64) {
    var specs = RandomSpec(seed: seed)
    let text =
      document("Profile", "p", spec: specs.next(mistakes: true))
      + document("Domain", "a", spec: "profiles: [p]\n\(specs.next(mistakes: true))")
    let (state, diagnostics) = read(text)
    for diagnostic in diagnostics {
      #expect(diagnostic.source != nil && !diagnostic.summary.isEmpty && !diagnostic.remedy.isEmpty)
    }
    for domain in state.domains {
      let managed = domain.configuration.declaredFields
      #expect(Set(managed).isSubset(of: Set(domain.sources.keys)))
      for path in domain.sources.keys { #expect(domain.configuration[path] != nil) }
    }
  }

  @Test(
    "a field's path is parsed from its text and within its group", arguments: FieldName.allCases)
  func paths(name: FieldName) throws {
    let path = FieldPath(name, name.isOfItem ? "12" : nil)
    #expect(FieldPath(path.description) == path)
    #expect(path.groups.allSatisfy { path.isBelow($0) && $0 != path })
    #expect(name.children.allSatisfy { FieldPath($0, path.item ?? "12").isBelow(path) })
    let last = name.lastPart == "*" ? "12" : name.lastPart
    #expect(FieldPath(last, in: path.groups.first) == path)
    #expect(FieldPath("\(path).") == nil && FieldPath(".\(path)") == nil)
    #expect(FieldPath("devices.a b.size") == nil && FieldPath("numa.cells.007.memory") == nil)
  }

  @Test("a set of numbers is read as libvirt reads it, in any order", arguments: seeds)
  func sets(seed: UInt64) throws {
    var generator = RandomSpec(seed: seed).generator
    var members: Set<UInt32> = []
    var parts: [String] = []
    for _ in 0..<Int.random(in: 1...12, using: &generator) {
      let low = UInt32.random(in: 0...200, using: &generator)
      let high = low + UInt32.random(in: 0...130, using: &generator)
      switch Int.random(in: 0...3, using: &generator) {
      case 0:
        parts.append("^\(low)")
        members.remove(low)
      case 1:
        parts.append(" \(low) ")
        members.insert(low)
      default:
        parts.append("\(low)-\(high)")
        members.formUnion(low...high)
      }
    }
    let set = NodeSet(parts.joined(separator: ","))
    #expect(set.map { Set($0.ranges.flatMap { $0 }) } ?? [] == members)
    #expect(set == nil || set == NodeSet(set?.description ?? ""))
  }
}
