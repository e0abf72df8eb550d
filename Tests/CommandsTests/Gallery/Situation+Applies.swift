// SPDX-License-Identifier: Apache-2.0

import MemoryModel
import TestSupport

/// Runs of apply.
extension Situation {
  static let applies = [
    Situation("apply-done") { stage in
      stage.host(.guest("db-01"), .guest("web-01", holding: .gibibytes(2)))
      stage.scene.answer = "yes"
      try stage.write(
        "fleet/all.yaml", domain("db-01", "memory: 16GiB", "currentMemory: 8GiB"),
        domain("web-01", "currentMemory: 6GiB"))
      await stage.run("apply fleet/")
    },
    Situation("apply-nothing-to-do") { stage in
      stage.host(.guest("web-01"))
      try stage.write("fleet/web.yaml", domain("web-01", "currentMemory: 8GiB"))
      await stage.run("apply fleet/")
    },
    Situation("apply-not-approved") { stage in
      stage.host(.guest("db-01"), .guest("web-01", holding: .gibibytes(2)))
      stage.scene.answer = "y"
      try stage.write(
        "fleet/all.yaml", domain("db-01", "memory: 16GiB", "currentMemory: 8GiB"),
        domain("web-01", "currentMemory: 6GiB"))
      await stage.run("apply fleet/")
    },
    Situation("apply-without-a-terminal") { stage in
      stage.host(.guest("web-01", holding: .gibibytes(2)))
      stage.scene.isTerminal = false
      try stage.write("fleet/web.yaml", domain("web-01", "currentMemory: 6GiB"))
      await stage.run("apply fleet/")
    },
    Situation("apply-a-guest-that-does-not-follow") { stage in
      stage.deafGuest()
      try stage.write(
        "fleet/web.yaml", domain("web-01", "currentMemory: 6GiB"),
        domain("web-02", "currentMemory: 6GiB"))
      await stage.run("apply fleet/ --auto-approve")
    },
    Situation("apply-a-guest-that-does-not-follow-in-a-log") { stage in
      stage.deafGuest()
      stage.scene.isTerminal = false
      try stage.write("fleet/web.yaml", domain("web-01", "currentMemory: 6GiB"))
      await stage.run("apply fleet/ --auto-approve")
    },
    Situation("apply-a-foreign-change") { stage in
      var faults = SimulatedHypervisor.Faults()
      faults.interferenceAtLooks[2] = { host in
        host.domains[0].persistent?.currentMemory = .exactly(.gibibytes(7))
      }
      stage.host(.guest("web-01", holding: .gibibytes(2)), faults: faults)
      try stage.write("fleet/web.yaml", domain("web-01", "currentMemory: 6GiB"))
      await stage.run("apply fleet/ --auto-approve")
    },
    Situation("apply-a-refused-call") { stage in
      var faults = SimulatedHypervisor.Faults()
      faults.failing[1] = HypervisorError(
        .refused, call: "virDomainSetMemoryFlags", code: 1, domain: 10,
        message: "internal error: unable to execute QEMU command 'balloon': No balloon device")
      stage.host(.guest("web-01", holding: .gibibytes(2)), faults: faults)
      try stage.write("fleet/web.yaml", domain("web-01", "currentMemory: 6GiB"))
      await stage.run("apply fleet/ --auto-approve")
    },
    Situation("apply-on-a-host-that-filled-up") { stage in
      var faults = SimulatedHypervisor.Faults()
      faults.interferenceAtReadings[1] = { $0.availableMemory = .gibibytes(9) }
      var observed = Scene.host([
        .guest("db-01", current: .gibibytes(6)), .guest("web-01", current: .gibibytes(4)),
      ])
      observed.availableMemory = .gibibytes(16)
      stage.scene.hosts["qemu+tls://hv01/system"] = SimulatedHypervisor(observed, faults: faults)
      try stage.write(
        "fleet/all.yaml", host("hv01", "qemu+tls://hv01/system", "reserve: {memory: 8GiB}"),
        domain("db-01", "host: hv01", "currentMemory: 8GiB"),
        domain("web-01", "host: hv01", "currentMemory: 5GiB"))
      await stage.run("apply fleet/ --auto-approve")
    },
    Situation("apply-a-stale-plan") { stage in
      stage.host(.guest("web-01", holding: .gibibytes(2)))
      try stage.write("fleet/web.yaml", domain("web-01", "currentMemory: 6GiB"))
      await stage.run("plan fleet/ --out plan.json")
      stage.host(
        .guest("web-01", holding: .gibibytes(2)).with {
          $0.persistent?.currentMemory = .exactly(.gibibytes(7))
        })
      await stage.run("apply --plan plan.json --auto-approve")
    },
    Situation("apply-interrupted") { stage in
      stage.deafGuest()
      (stage.scene.signal, stage.scene.signalDelay) = (2, .seconds(20))
      try stage.write(
        "fleet/web.yaml", domain("web-01", "currentMemory: 6GiB"),
        domain("web-02", "currentMemory: 6GiB"))
      await stage.run("apply fleet/ --auto-approve")
    },
    Situation("apply-with-something-blocked") { stage in
      stage.host(.guest("db-01"), .guest("web-01", holding: .gibibytes(2)))
      try stage.write(
        "fleet/all.yaml", domain("db-01", "memtune: {minGuarantee: 1GiB}"),
        domain("web-01", "currentMemory: 6GiB"))
      await stage.run("apply fleet/ --auto-approve")
    },
    Situation("apply-to-a-locked-host") { stage in
      let guest = ObservedDomain.guest("web-01", holding: .gibibytes(2))
      stage.host(guest)
      let folder = try GateTests.locks(in: stage.scene)
      try stage.write("fleet/web.yaml", domain("web-01", "currentMemory: 6GiB"))
      // The first run leaves the file of the host's lock.
      _ = await stage.scene.run("apply", "fleet/", "--auto-approve")
      stage.host(guest)
      let others = try GateTests.holdAll(folder, record: GateTests.holder)
      await stage.run("apply fleet/ --auto-approve")
      withExtendedLifetime(others) {}
    },
  ]
}

extension Stage {
  /// Puts two domains on the host, of which the guest of the first follows no balloon target.
  fileprivate func deafGuest() {
    let guests = ["web-01", "web-02"].map { ObservedDomain.guest($0, holding: .gibibytes(2)) }
    var faults = SimulatedHypervisor.Faults()
    faults.unresponsiveGuests = [guests[0].uuid]
    scene.hosts[""] = SimulatedHypervisor(Scene.host(guests), faults: faults)
  }
}
