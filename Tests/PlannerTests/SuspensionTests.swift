// SPDX-License-Identifier: Apache-2.0

import MemoryModel
import Planner
import Testing

/// What a plan says of suspensions with a date or a reason.
@Suite struct SuspensionTests {
  private static func fleet(_ suspension: Suspension, ofHost: Bool = false) -> Fleet {
    var (host, domain) = (FleetTests.one, FleetTests.on("hv01"))
    if ofHost { host.suspension = suspension } else { domain.suspension = suspension }
    return Fleet(DesiredState(hosts: [host], domains: [domain]))
  }

  private static func diagnostics(
    _ suspension: Suspension, ofHost: Bool = false, today: String? = nil
  ) -> [Diagnostic] {
    let sights = ofHost ? [:] : ["hv01": FleetTests.sight("web-01")]
    return fleet(suspension, ofHost: ofHost)
      .plan(sights, today: today.flatMap { Day($0) }).diagnostics
  }

  @Test("a note says until when and why a domain or a host is suspended", arguments: [true, false])
  func note(ofHost: Bool) {
    let day = Day("2026-12-31")
    let words = [
      Suspension(until: day, reason: "the disks are replaced"), Suspension(until: day),
      Suspension(reason: "the disks are replaced"),
    ].map { suspension in
      let notes = Self.diagnostics(suspension, ofHost: ofHost)
      #expect(notes.allSatisfy { $0.severity == .note && $0.rule == .suspension })
      #expect(notes.allSatisfy { $0.host == "hv01" && ($0.domain == nil) == ofHost })
      return notes.map(\.summary)
    }
    #expect(
      words == [
        ["suspended until 2026-12-31: the disks are replaced"], ["suspended until 2026-12-31"],
        ["suspended: the disks are replaced"],
      ])
    #expect(Self.diagnostics(Suspension(), ofHost: ofHost).isEmpty)
  }

  @Test(
    "a suspension warns from the day after its date, and stays",
    arguments: [
      (nil, false), ("2026-12-30", false), ("2026-12-31", false), ("2027-01-01", true),
      ("2027-10-01", true),
    ] as [(String?, Bool)])
  func expired(today: String?, warns: Bool) {
    let suspension = Suspension(until: Day("2026-12-31"))
    for ofHost in [true, false] {
      let rules = Self.diagnostics(suspension, ofHost: ofHost, today: today).map(\.rule)
      #expect(rules == (warns ? [.suspension, .suspensionExpired] : [.suspension]))
    }
    let plan = Self.fleet(suspension).plan(
      ["hv01": FleetTests.sight("web-01")], today: today.flatMap { Day($0) })
    #expect(plan.domains.map(\.verdict) == [.suspended])
    #expect(Self.fleet(suspension, ofHost: true).hostsToObserve.isEmpty)
  }

  @Test("a plan says nothing of a suspended host that it has no domain for")
  func otherHost() {
    var host = FleetTests.two
    host.suspension = Suspension(until: Day("2026-12-31"))
    let state = DesiredState(hosts: [FleetTests.one, host], domains: [FleetTests.on("hv01")])
    let plan = Fleet(state).plan(
      ["hv01": FleetTests.sight("web-01")], today: Day("2027-01-01"))
    #expect(plan.diagnostics.isEmpty)
  }

  @Test("a suspended domain that no host was seen to have still has its note")
  func unseen() {
    let plan = Self.fleet(Suspension(reason: "moved")).plan(["hv01": FleetTests.silence])
    let notes = plan.diagnostics.filter { $0.rule == .suspension }
    #expect(notes.map(\.summary) == ["suspended: moved"])
    #expect(notes.map(\.domain) == ["web-01"])
  }

  @Test("a suspension with another date or reason counts as a change", arguments: [true, false])
  func changed(ofHost: Bool) {
    let suspensions = [
      nil, Suspension(), Suspension(until: Day("2026-12-31")),
      Suspension(until: Day("2027-01-31")), Suspension(reason: "the disks are replaced"),
    ]
    func state(_ suspension: Suspension?) -> DesiredState {
      var (host, domain) = (FleetTests.one, FleetTests.on("hv01"))
      if ofHost { host.suspension = suspension } else { domain.suspension = suspension }
      return DesiredState(hosts: [host], domains: [domain])
    }
    for old in suspensions {
      for new in suspensions {
        let changes = DesiredChanges(from: state(old), to: state(new))
        #expect(changes.state.domains.isEmpty == (old == new))
      }
    }
  }
}
