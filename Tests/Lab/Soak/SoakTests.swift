// SPDX-License-Identifier: Apache-2.0
import Testing

extension LabTests {
  @Suite struct SoakTests {
    private let lab: Lab

    init() throws { lab = try Lab.shared.get() }

    @Test("the model predicts exports, edits and starts of all that libvirt accepts")
    func predictions() async throws {
      let pages = try HugePages(atLeast: 600)
      defer { pages.giveBack() }
      let soak = try Soak(lab, seed: RandomDomain.seed, hugePages: pages.free())
      try await soak.run(for: .seconds(Soak.seconds))
      print("soak: \(lab.host), seed \(RandomDomain.seed), \(soak.counts)")
      let found = soak.findings.count
      #expect(found == 0, "what was found is kept in \(soak.folder)")
      #expect(soak.counts.exports > 0 && soak.counts.applied > 0 && soak.counts.starts > 0)
    }
  }
}
