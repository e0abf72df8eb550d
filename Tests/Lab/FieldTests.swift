// SPDX-License-Identifier: Apache-2.0
import LibvirtModel
import MemoryModel
import Testing

extension LabTests {
  /// The model and the real libvirt get the same redefinitions of every field.
  @Suite struct FieldTests {
    private let lab: Lab

    init() throws { lab = try Lab.shared.get() }

    @Test("the model and libvirt agree on redefinitions of every field")
    func everyField() async throws {
      var random = RandomDomain(seed: RandomDomain.seed &+ 4)
      let comparison = try await Comparison(lab.connect())
      for number in 0..<40 {
        var definition = random.definition(canStart: false)
        definition.vcpus = 4
        let guest = try Guest("fields-\(number)", definition, in: lab)
        for _ in 0..<20 {
          try await comparison.redefine(guest) { random.redefinition(ofAnyFieldOf: $0) }
        }
      }
      comparison.report("redefined")
      #expect(comparison.callCount >= 800)
      #expect(comparison.acceptedCount >= 250 && comparison.refusedCount >= 150)
    }

    @Test("the model and libvirt agree on bindings")
    func bindings() async throws {
      var random = RandomDomain(seed: RandomDomain.seed &+ 5)
      let comparison = try await Comparison(lab.connect())
      for number in 0..<12 {
        var definition = random.definition(canStart: false)
        let mode = random.pick(["strict", "interleave", "restrictive"])
        if !definition.cells.isEmpty && random.oneIn(2) {
          definition.more = """
            <numatune><memory mode='\(mode)' nodeset='0'/>\
            <memnode cellid='0' mode='\(mode)' nodeset='0'/></numatune>
            """
        }
        let guest = try Guest("bindings-\(number)", definition, in: lab)
        for _ in 0..<15 { try await comparison.redefine(guest) { _ in random.bindingCall() } }
      }
      comparison.report("bound")
      #expect(comparison.callCount >= 180)
      #expect(comparison.acceptedCount >= 60 && comparison.refusedCount >= 1)
    }
  }
}

extension RandomDomain {
  /// A `virDomainSetNumaParameters` with the fields that it supports.
  fileprivate mutating func bindingCall() -> Call {
    let words: Set<FieldName> = [.numatuneMode, .numatuneNodeset]
    while true {
      let values = binding().filter { words.contains($0.key.name) }
      guard !values.isEmpty else { continue }
      let changes = values.sorted { $0.key < $1.key }.map { Change(field: $0, from: nil, to: $1) }
      return Call(.setNumaParameters, on: .persistent, changes: changes)
    }
  }
}
