// SPDX-License-Identifier: Apache-2.0

import MemoryModel
import TestSupport

/// Plans in which what to do depends on the domain and its manifest.
extension Situation {
  static let remedies = [
    Situation("blocked-hard-limit-above-swap") { stage in
      stage.host(
        .guest("db-01") { $0.memtune.swapHardLimit = .size(.gibibytes(16)) },
        .guest("db-02") { $0.memtune.hardLimit = .size(.gibibytes(24)) })
      try stage.write(
        "fleet/db.yaml", domain("db-01", "memtune: {hardLimit: 24GiB}"),
        domain("db-02", "memtune: {swapHardLimit: 16GiB}"))
      await stage.run("plan fleet/")
    },
    Situation("blocked-definition-as-it-is") { stage in
      stage.host(
        .guest("db-01") {
          var cell = NUMACell(id: 0, memory: .gibibytes(8))
          cell.cpus = NodeSet([0...1])
          $0.cells = [cell]
          $0.surroundings.vcpus = 2
          var stick = MemoryDevice(name: "stick0")
          (stick.model, stick.size) = (.dimm, .gibibytes(1))
          $0.maxMemory = MaxMemory(size: .gibibytes(32), slots: Count(4))
          $0.devices = [stick]
        })
      try stage.write("fleet/db.yaml", domain("db-01", "dumpCore: false"))
      await stage.run("plan fleet/")
    },
    Situation("blocked-by-jobs-of-two-domains") { stage in
      stage.host(
        .guest("web-01", holding: .gibibytes(2)).with { $0.job = "migration" },
        .guest("web-02", holding: .gibibytes(2)).with { $0.job = "migration" })
      try stage.write(
        "fleet/web.yaml", domain("web-01", "currentMemory: 4GiB"),
        domain("web-02", "currentMemory: 4GiB"))
      await stage.run("plan fleet/")
    },
    Situation("blocked-live-by-the-run") { stage in
      stage.host(
        .guest("runner-01", holding: .gibibytes(2)).with {
          $0.isPersistent = false
          $0.persistent = nil
        })
      try stage.write("fleet/runner.yaml", domain("runner-01", "currentMemory: 4GiB"))
      await stage.run("plan fleet/ --allow none")
      await stage.run("plan fleet/")
    },
    Situation("blocked-and-tolerated") { stage in
      stage.host(.guest("db-01"), .guest("web-01", holding: .gibibytes(2)))
      try stage.write(
        "fleet/all.yaml", domain("db-01", "memtune: {minGuarantee: 1GiB}"),
        domain("web-01", "currentMemory: 6GiB"))
      await stage.run("plan fleet/ --tolerate blocked --out plan.json")
      await stage.run("show plan.json")
    },
  ]
}
