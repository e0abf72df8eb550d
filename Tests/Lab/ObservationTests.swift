// SPDX-License-Identifier: Apache-2.0
import Foundation
import LibvirtClient
import MemoryModel
import Testing

extension LabTests {
  @Suite struct ObservationTests {
    private let lab: Lab

    init() throws { lab = try Lab.shared.get() }

    @Test func aDomainThatStartsAndStopsIsNeverHalfSeen() async throws {
      let guest = try Guest("restless", in: lab)
      let host = try await lab.connect(.readOnly)
      let virsh = "virsh -q -c '\(lab.uri)'"
      let (process, _, _) = try Command.start([
        "/bin/sh", "-c",
        "for i in 1 2 3 4 5; do \(virsh) start --paused \(guest.name); sleep 0.2; "
          + "\(virsh) destroy \(guest.name); sleep 0.2; done",
      ])
      var states: Set<DomainState> = []
      while process.isRunning {
        let seen = try await host.observe(ObservationScope(everythingOf: [guest.name]))
        let domain = try #require(seen.domains.first, "\(seen.unreadable)")
        #expect(domain.isActive == (domain.state != .shutOff), "\(domain)")
        #expect(domain.isActive == (domain.live != nil) && domain.persistent != nil, "\(domain)")
        states.insert(domain.state)
      }
      #expect(states.isSuperset(of: [.paused, .shutOff]), "\(states)")
    }
  }
}
