// SPDX-License-Identifier: Apache-2.0

import MemoryModel
import Planner
import Testing

@Suite struct DesiredChangesTests {
  private static func domain(
    _ name: String = "web", host: String? = nil, uuid: String? = nil, gibibytes: UInt64 = 1
  ) -> DesiredDomain {
    var domain = wanted(name) { $0.memory = .gibibytes(gibibytes) }
    domain.host = host
    domain.uuid = uuid
    return domain
  }

  private static func changes(
    _ old: [DesiredDomain], _ new: [DesiredDomain], hosts: [DesiredHost] = [],
    newHosts: [DesiredHost]? = nil
  ) -> DesiredChanges {
    DesiredChanges(
      from: DesiredState(hosts: hosts, domains: old),
      to: DesiredState(hosts: newHosts ?? hosts, domains: new))
  }

  @Test("a domain's place in the manifests and its labels don't count as a change")
  func ignoresPlaceAndLabels() {
    var moved = Self.domain()
    moved.labels = ["app": "web"]
    moved.position = SourcePosition(file: "other.yaml", line: 9, column: 1)
    moved.sources[.memory] = moved.position
    let changes = Self.changes([Self.domain()], [moved])
    #expect(changes.state.domains.isEmpty)
    #expect(changes.left.isEmpty)
  }

  @Test("a different configuration, policy, suspension, host or uuid counts as a change")
  func countsDesire() {
    var suspended = Self.domain()
    suspended.suspension = Suspension()
    var guarded = Self.domain()
    guarded.policy.shrink = .never
    for new in [
      Self.domain(gibibytes: 2), suspended, guarded, Self.domain(host: "a"), Self.domain(uuid: "u"),
    ] {
      let changes = Self.changes([Self.domain()], [new])
      #expect(changes.state.domains == [new])
      #expect(changes.left.isEmpty)
    }
  }

  @Test(
    "a Host with another URI or suspension changes its domains, and one with other labels doesn't")
  func changedHost() {
    let domain = Self.domain(host: "a")
    let host = DesiredHost(name: "a", uri: "qemu:///system")
    let labelled = DesiredHost(name: "a", uri: "qemu:///system", labels: ["rack": "b"])
    let others = [
      DesiredHost(name: "a", uri: "qemu:///session"),
      DesiredHost(name: "a", uri: "qemu:///system", suspension: Suspension()),
    ]
    #expect(
      Self.changes([domain], [domain], hosts: [host], newHosts: [labelled]).state.domains.isEmpty)
    for other in others {
      let changes = Self.changes([domain], [domain], hosts: [host], newHosts: [other])
      #expect(changes.state.domains == [domain])
    }
  }

  @Test("a domain that moves to another host leaves the old one")
  func leavesOldHost() {
    let (old, new) = (Self.domain(host: "a"), Self.domain(host: "b"))
    let changes = Self.changes([old, Self.domain("db")], [new])
    #expect(changes.state.domains == [new])
    #expect(changes.left == [old, Self.domain("db")])
  }

  @Test("the uuids tell which of two domains with one name left")
  func sameName() {
    let (one, other) = (Self.domain(uuid: "u1"), Self.domain(uuid: "u2"))
    #expect(Self.changes([one, other], [one]).left == [other])
    #expect(
      Self.changes([Self.domain(host: "a", uuid: "u1")], [Self.domain(uuid: "u1")]).left == [])
  }
}
