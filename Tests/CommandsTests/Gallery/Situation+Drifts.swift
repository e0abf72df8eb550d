// SPDX-License-Identifier: Apache-2.0

import MemoryModel

/// Reports of drift.
extension Situation {
  static let drifts = [
    Situation("drift-in-sync") { stage in
      stage.host(.guest("web-01"), .guest("web-02"))
      try stage.write(
        "fleet/web.yaml", domain("web-01", "currentMemory: 8GiB"),
        domain("web-02", "currentMemory: 8GiB"))
      await stage.run("drift fleet/")
      await stage.run("drift fleet/ -q")
    },
    Situation("drift") { stage in
      stage.host(
        .guest("web-01", current: .gibibytes(4), holding: .gibibytes(2)),
        .guest("web-02", holding: .gibibytes(2)).with {
          $0.live?.currentMemory = .exactly(.gibibytes(4))
          $0.statistics = nil
        })
      try stage.write(
        "fleet/web.yaml", domain("web-01", "currentMemory: 6GiB", "memtune: {hardLimit: 12GiB}"),
        domain("web-02", "currentMemory: 8GiB"))
      await stage.run("drift fleet/")
    },
    Situation("drift-pending-restart") { stage in
      stage.host(.guest("db-01").with { $0.persistent?.memory = .gibibytes(16) })
      try stage.write("fleet/db.yaml", domain("db-01", "memory: 16GiB"))
      await stage.run("drift fleet/")
      await stage.run("drift fleet/ --require-live")
    },
    Situation("drift-saved-image") { stage in
      stage.host(
        .guest("db-01").with {
          ($0.state, $0.isActive, $0.hasManagedSave) = (.shutOff, false, true)
          $0.persistent?.memory = .gibibytes(16)
        })
      try stage.write("fleet/db.yaml", domain("db-01", "memory: 16GiB"))
      await stage.run("drift fleet/")
    },
    Situation("drift-with-a-report") { stage in
      stage.host(.guest("web-01", current: .gibibytes(4)))
      try stage.write("fleet/web.yaml", domain("web-01", "currentMemory: 6GiB"))
      await stage.run("drift fleet/ --report json=drift.json")
      await stage.run("show drift.json")
    },
    Situation("drift-blocked") { stage in
      stage.host(.guest("web-01", holding: .mebibytes(5_400)))
      try stage.write("fleet/web.yaml", domain("web-01", "currentMemory: 4GiB"))
      await stage.run("drift fleet/")
    },
  ]
}
