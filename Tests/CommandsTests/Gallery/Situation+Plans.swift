// SPDX-License-Identifier: Apache-2.0

import MemoryModel
import TestSupport
import Testing

/// Plans without anything that is blocked.
extension Situation {
  static let plans = [
    Situation("plan-in-sync") { stage in
      stage.host(.guest("db-01"), .guest("web-01", current: .gibibytes(6)))
      try stage.write("fleet/db.yaml", domain("db-01", "memory: 8GiB"))
      try stage.write("fleet/web.yaml", domain("web-01", "currentMemory: 6GiB"))
      await stage.run("plan fleet/")
    },
    Situation("plan-60-scattered-names") { stage in
      let names = (1...60).map { "\(["web", "cache", "runner", "db"][$0 % 4])-\($0 * 7 + 100)" }
      stage.scene.hosts[""] = SimulatedHypervisor(
        Scene.host(names.map { .guest($0, holding: .gibibytes(2)) }))
      try stage.write(
        "fleet/all.yaml",
        names.map { domain($0, "currentMemory: 6GiB") }.joined(separator: "---\n"))
      await stage.run("plan fleet/")
    },
    Situation("plan-max-memory-and-devices") { stage in
      stage.host(
        .guest("db-01") {
          var cell = NUMACell(id: 0, memory: .gibibytes(8))
          cell.cpus = NodeSet([0...1])
          $0.cells = [cell]
          $0.surroundings.vcpus = 2
        })
      try stage.write(
        "fleet/db.yaml",
        domain(
          "db-01", "maxMemory: {size: 32GiB, slots: 8}",
          "devices:", "  a-device-with-a-long-name-0: {model: dimm, size: 1GiB, node: 0}"))
      await stage.run("plan fleet/")
      await stage.run("drift fleet/")
      await stage.run("plan fleet/ -v")
    },
    Situation("plan-saved-image") { stage in
      stage.host(
        .guest("db-01").with {
          ($0.state, $0.isActive, $0.hasManagedSave) = (.shutOff, false, true)
          $0.live?.memory = .gibibytes(4)
          $0.live?.currentMemory = .exactly(.gibibytes(4))
        })
      try stage.write("fleet/db.yaml", domain("db-01", "memory: 16GiB", "currentMemory: 8GiB"))
      await stage.run("plan fleet/")
    },
    Situation("plan-transient") { stage in
      stage.host(
        .guest("runner-01", holding: .gibibytes(2)).with {
          $0.isPersistent = false
          $0.persistent = nil
        })
      try stage.write("fleet/runner.yaml", domain("runner-01", "currentMemory: 4GiB"))
      await stage.run("plan fleet/")
    },
    Situation("plan-change-on-both-planes") { stage in
      stage.host(.guest("db-01"), .guest("web-01", holding: .gibibytes(2)))
      try stage.write("fleet/db.yaml", domain("db-01", "memory: 8GiB"))
      try stage.write("fleet/web.yaml", domain("web-01", "currentMemory: 6GiB"))
      await stage.run("plan fleet/")
    },
    Situation("plan-memory-at-the-next-start") { stage in
      stage.host(.guest("db-01"))
      try stage.write("fleet/db.yaml", domain("db-01", "memory: 16GiB", "currentMemory: 16GiB"))
      await stage.run("plan fleet/")
    },
    Situation("plan-raised-memory-alone") { stage in
      stage.host(.guest("db-01"))
      try stage.write("fleet/db.yaml", domain("db-01", "memory: 16GiB"))
      await stage.run("plan fleet/")
    },
    Situation("plan-pending-restart") { stage in
      stage.host(.guest("db-01").with { $0.persistent?.memory = .gibibytes(16) })
      try stage.write("fleet/db.yaml", domain("db-01", "memory: 16GiB"))
      await stage.run("plan fleet/")
    },
    Situation("plan-alike-domains-in-a-run") { stage in
      let names = (1...5).map { "web-0\($0)" }
      stage.scene.hosts[""] = SimulatedHypervisor(
        Scene.host(names.map { .guest($0, holding: .gibibytes(2)) }))
      for name in names {
        try stage.write("fleet/\(name).yaml", domain(name, "currentMemory: 6GiB"))
      }
      await stage.run("plan fleet/")
    },
    Situation("plan-alike-domains-on-two-hosts") { stage in
      let names = [
        ["cache-019", "cache-044", "db-02", "db-07", "web-003", "web-017"],
        ["batch-1", "runner-09", "runner-44", "web-044", "web-045"],
      ]
      for (number, names) in names.enumerated() {
        let uri = "qemu+tls://hv0\(number + 1).example.net/system"
        stage.host(uri, names.map { .guest($0, holding: .gibibytes(2)) })
        try stage.write("fleet/hv0\(number + 1).yaml", host("hv0\(number + 1)", uri))
        for name in names {
          try stage.write(
            "fleet/\(name).yaml",
            domain(name, "host: hv0\(number + 1)", "currentMemory: 6GiB"))
        }
      }
      await stage.run("plan fleet/")
    },
    Situation("plan-several-fields-and-a-profile") { stage in
      stage.host(.guest("db-01", holding: .gibibytes(2)))
      try stage.write(
        "fleet/db.yaml",
        domain(
          "db-01", "profiles: [database]", "maxMemory: {size: 32GiB, slots: 8}",
          "memory: 16GiB", "currentMemory: 8GiB", "memtune: {hardLimit: 24GiB}"))
      try stage.write(
        "fleet/profiles/database.yaml",
        """
        apiVersion: virtmem.io/v1alpha1
        kind: Profile
        metadata: {name: database}
        spec:
          memballoon: {statsPeriod: 5s, freePageReporting: true}
          memoryBacking: {source: memfd, access: shared}

        """)
      await stage.run("plan fleet/")
    },
    Situation("plan-suspended") { stage in
      stage.host(.guest("db-01"), .guest("web-01"))
      try stage.write("fleet/db.yaml", domain("db-01", "suspend: true", "currentMemory: 4GiB"))
      try stage.write("fleet/web.yaml", domain("web-01", "currentMemory: 8GiB"))
      await stage.run("plan fleet/")
    },
    Situation("plan-policy-leaves-it-to-the-next-start") { stage in
      stage.host(.guest("web-01", holding: .gibibytes(2)))
      try stage.write(
        "fleet/web.yaml",
        domain("web-01", "currentMemory: 6GiB", "policy: {disruption: none}"))
      await stage.run("plan fleet/")
    },
    Situation("plan-changed-from") { stage in
      stage.host(.guest("web-01", holding: .gibibytes(2)), .guest("web-09"))
      try stage.write(
        "main/web.yaml", domain("web-01", "currentMemory: 8GiB"),
        domain("web-09", "currentMemory: 8GiB"))
      try stage.write("fleet/web.yaml", domain("web-01", "currentMemory: 6GiB"))
      await stage.run("plan fleet/ --changed-from main/")
      await stage.run("plan fleet/ --changed-from fleet/")
    },
    Situation("plan-quiet") { stage in
      stage.host(
        .guest("db-01"), .guest("web-01", holding: .gibibytes(2)), .guest("web-02"))
      try stage.write(
        "fleet/web.yaml", domain("db-01", "memory: 16GiB", "memtune: {minGuarantee: 1GiB}"),
        domain("web-01", "currentMemory: 6GiB"), domain("web-02", "currentMemory: 8GiB"))
      await stage.run("plan fleet/ -q")
      await stage.run("plan fleet/ -q --domain web-02")
    },
    Situation("plan-verbose") { stage in
      let uri = "qemu+tls://hv01.example.net/system"
      stage.host(
        uri,
        [
          .guest("db-01", holding: .gibibytes(2)) { definition in
            definition.maxMemory = MaxMemory(size: .gibibytes(32), slots: Count(8))
          }, .guest("web-01", current: .gibibytes(4)), .guest("web-02"),
        ])
      var observed = try #require(stage.scene.hosts[uri]).host
      observed.availableMemory = .mebibytes(6_300)
      stage.scene.hosts[uri] = SimulatedHypervisor(observed)
      try stage.write("fleet/hosts.yaml", host("hv01", uri, "reserve: {memory: 4GiB}"))
      try stage.write(
        "fleet/web.yaml",
        domain("db-01", "host: hv01", "currentMemory: 4GiB", "memory: 8GiB"),
        domain("web-01", "host: hv01", "currentMemory: 8GiB"),
        domain("web-02", "host: hv01", "memtune: {hardLimit: 12GiB}"))
      await stage.run("plan fleet/ -v")
    },
  ]
}
