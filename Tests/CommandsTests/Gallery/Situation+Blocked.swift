// SPDX-License-Identifier: Apache-2.0

import MemoryModel
import TestSupport

/// Plans in which something is blocked.
extension Situation {
  static let blocked = [
    Situation("blocked-shrink-below-guest-use") { stage in
      stage.host(.guest("web-01", holding: .mebibytes(5_400)))
      try stage.write("fleet/web.yaml", domain("web-01", "memory: 8GiB", "currentMemory: 4GiB"))
      await stage.run("plan fleet/")
    },
    Situation("blocked-shrink-without-statistics") { stage in
      stage.host(.guest("web-01"))
      try stage.write("fleet/web.yaml", domain("web-01", "currentMemory: 4GiB"))
      await stage.run("plan fleet/")
    },
    Situation("blocked-shrink-before-statistics-are-on") { stage in
      stage.host(.guest("web-01"))
      try stage.write(
        "fleet/web.yaml",
        domain("web-01", "currentMemory: 4GiB", "memballoon: {statsPeriod: 10s}"))
      await stage.run("plan fleet/")
    },
    Situation("blocked-shrink-of-a-deaf-guest") { stage in
      stage.host(
        .guest("web-01", holding: .gibibytes(2)).with { $0.statistics?.ageSeconds = 7_200 })
      try stage.write(
        "fleet/web.yaml",
        domain("web-01", "currentMemory: 4GiB", "memballoon: {statsPeriod: 10s}"))
      await stage.run("plan fleet/")
    },
    Situation("blocked-current-memory-above-the-reach") { stage in
      stage.host(.guest("web-01"))
      try stage.write("fleet/web.yaml", domain("web-01", "memory: 8GiB", "currentMemory: 12GiB"))
      await stage.run("plan fleet/")
      try stage.write("fleet/web.yaml", domain("web-01", "currentMemory: 12GiB"))
      await stage.run("plan fleet/")
    },
    Situation("blocked-memory-above-max-memory") { stage in
      stage.host(
        .guest("db-01") { $0.maxMemory = MaxMemory(size: .gibibytes(16), slots: Count(4)) })
      try stage.write("fleet/db.yaml", domain("db-01", "memory: 24GiB", "currentMemory: 24GiB"))
      await stage.run("plan fleet/")
    },
    Situation("blocked-device-without-size") { stage in
      stage.host(
        .guest("web-01") { $0.maxMemory = MaxMemory(size: .gibibytes(16), slots: Count(4)) })
      try stage.write(
        "fleet/web.yaml",
        domain("web-01", "devices:", "  elastic0: {model: virtio-mem, requested: 2GiB}"))
      await stage.run("plan fleet/")
    },
    Situation("blocked-device-without-a-cell") { stage in
      stage.host(
        .guest("web-01") { $0.maxMemory = MaxMemory(size: .gibibytes(16), slots: Count(4)) })
      try stage.write(
        "fleet/web.yaml",
        domain(
          "web-01", "devices:",
          "  elastic0: {model: virtio-mem, size: 4GiB, block: 2MiB, requested: 2GiB, node: 0}"))
      await stage.run("plan fleet/")
    },
    Situation("blocked-uuid-differs") { stage in
      stage.host(.guest("web-01"))
      try stage.write(
        "fleet/web.yaml",
        domain(
          "web-01", "uuid: 11111111-2222-4333-8444-555555555555", "currentMemory: 4GiB"))
      await stage.run("plan fleet/")
    },
    Situation("blocked-not-there-on-session") { stage in
      var host = Scene.host([])
      (host.uri, host.isSession) = ("qemu:///session", true)
      stage.scene.hosts[""] = SimulatedHypervisor(host)
      try stage.write(
        "fleet/web.yaml", domain("web-01", "currentMemory: 4GiB"),
        domain("web-02", "currentMemory: 4GiB"))
      await stage.run("plan fleet/")
    },
    Situation("blocked-not-there") { stage in
      stage.host(.guest("web-01"), .guest("web-02"))
      try stage.write("fleet/web.yaml", domain("web-1", "currentMemory: 8GiB"))
      await stage.run("plan fleet/ -c qemu:///system")
    },
    Situation("blocked-on-several-hosts") { stage in
      for number in 1...2 {
        let uri = "qemu+ssh://root@hv0\(number)/system"
        stage.host(uri, [.guest("web-01")])
        try stage.write("fleet/hv0\(number).yaml", host("hv0\(number)", uri))
      }
      try stage.write("fleet/web.yaml", domain("web-01", "currentMemory: 4GiB"))
      await stage.run("plan fleet/")
    },
    Situation("blocked-transient") { stage in
      stage.host(
        .guest("runner-01").with {
          $0.isPersistent = false
          $0.persistent = nil
        })
      try stage.write("fleet/runner.yaml", domain("runner-01", "memory: 16GiB"))
      await stage.run("plan fleet/")
    },
    Situation("blocked-paused") { stage in
      stage.host(.guest("web-01", holding: .gibibytes(2)).with { $0.state = .paused })
      try stage.write("fleet/web.yaml", domain("web-01", "currentMemory: 4GiB"))
      await stage.run("plan fleet/")
    },
    Situation("blocked-by-a-job") { stage in
      stage.host(.guest("web-01", holding: .gibibytes(2)).with { $0.job = "migration" })
      try stage.write("fleet/web.yaml", domain("web-01", "currentMemory: 4GiB"))
      await stage.run("plan fleet/")
    },
    Situation("blocked-waits-for-another-field") { stage in
      stage.host(.guest("db-01"))
      try stage.write(
        "fleet/db.yaml",
        domain(
          "db-01", "memory: 12GiB", "currentMemory: 12GiB",
          "numa: {cells: {0: {cpus: '0-1', memory: 6GiB}, 2: {cpus: '2-3', memory: 6GiB}}}"))
      await stage.run("plan fleet/")
    },
    Situation("blocked-by-disruption-none") { stage in
      stage.host(
        .guest("runner-01", holding: .gibibytes(2)).with {
          $0.isPersistent = false
          $0.persistent = nil
        })
      try stage.write(
        "fleet/runner.yaml",
        domain("runner-01", "currentMemory: 4GiB", "policy: {disruption: none}"))
      await stage.run("plan fleet/")
    },
    Situation("blocked-by-shrink-never") { stage in
      stage.host(.guest("db-01", holding: .gibibytes(2)))
      try stage.write(
        "fleet/db.yaml", domain("db-01", "currentMemory: 4GiB", "policy: {shrink: never}"))
      await stage.run("plan fleet/")
    },
    Situation("blocked-by-the-reserve") { stage in
      let uri = "qemu+tls://hv01.example.net/system"
      var observed = Scene.host([
        .guest("db-01", current: .gibibytes(6)), .guest("web-01", current: .gibibytes(4)),
      ])
      (observed.uri, observed.availableMemory) = (uri, .mebibytes(7_000))
      stage.scene.hosts[uri] = SimulatedHypervisor(observed)
      try stage.write("fleet/hosts.yaml", host("hv01", uri, "reserve: {memory: 4GiB}"))
      try stage.write(
        "fleet/web.yaml", domain("db-01", "host: hv01", "currentMemory: 8GiB"),
        domain("web-01", "host: hv01", "currentMemory: 8GiB"))
      await stage.run("plan fleet/")
    },
    Situation("blocked-guarantee-on-qemu") { stage in
      stage.host(.guest("db-01"), .guest("web-01", holding: .gibibytes(2)))
      try stage.write(
        "fleet/all.yaml",
        domain("db-01", "memory: 16GiB", "currentMemory: 8GiB", "memtune: {minGuarantee: 1GiB}"),
        domain("web-01", "currentMemory: 6GiB"))
      await stage.run("plan fleet/")
    },
    Situation("blocked-300-domains") { stage in
      let names = (1...300).map { number in
        "\(["web", "cache", "runner"][number % 3])-\(number + 100)"
      }
      stage.scene.hosts[""] = SimulatedHypervisor(Scene.host(names.map { .guest($0) }))
      let manifests = names.map { domain($0, "currentMemory: 4GiB") }
      try stage.write("fleet/all.yaml", manifests.joined(separator: "---\n"))
      await stage.run("plan fleet/")
    },
  ]
}
