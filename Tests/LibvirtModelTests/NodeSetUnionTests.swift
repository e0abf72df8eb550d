// SPDX-License-Identifier: Apache-2.0
import LibvirtModel
import MemoryModel
import TestSupport
import Testing

/// Which sets of nodes demands are held against.
@Suite struct NodeSetUnionTests {
  private static func sets(_ texts: [String]) -> [NodeSet] { texts.compactMap { NodeSet($0) } }

  @Test("a few sets have all their unions, the smallest first")
  func few() {
    #expect(
      NodeSet.unions(of: Self.sets(["3", "0-1", "1-2", "3"])).map(\.description)
        == ["3", "0-1", "1-2", "0-1,3", "0-2", "1-3", "0-3"])
    #expect(NodeSet.unions(of: []).isEmpty)
  }

  @Test("of many sets, each is there, and their union, and the unions of those that overlap")
  func many() {
    let single = (0..<64).map { NodeSet([$0...$0]) }
    let pairs = Self.sets(["10-11", "11-12", "12-13"])
    let unions = NodeSet.unions(of: single + pairs)
    #expect(unions.count <= single.count + pairs.count + 1_000)
    let expected = single + pairs + Self.sets(["0-63", "10-12", "11-13", "10-13"])
    #expect(Set(unions).isSuperset(of: expected))
  }

  @Test("the order of the sets makes no difference", arguments: 0..<20)
  func order(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    let sets = (0..<random.between(1, 14)).map { _ in
      NodeSet(
        (0..<random.between(1, 3)).map { _ in
          let node = UInt32(random.between(0, 15))
          return node...node
        })
    }
    let unions = NodeSet.unions(of: sets)
    for _ in 0..<10 { #expect(NodeSet.unions(of: sets.shuffled(using: &random)) == unions) }
    #expect(Set(unions).isSuperset(of: sets))
  }
}
