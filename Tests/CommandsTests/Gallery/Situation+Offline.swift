// SPDX-License-Identifier: Apache-2.0

import MemoryModel
import TestSupport

/// Runs that read or write files in the place of a connection.
extension Situation {
  static let offline = [
    Situation("plan-from-a-snapshot") { stage in
      stage.host(.guest("db-01"), .guest("web-01", holding: .gibibytes(2)))
      _ = try stage.scene.file("fleet.jsonl", await stage.scene.run("observe").output)
      stage.scene.timestamp = "2026-11-28T14:30:00Z"
      try stage.write("fleet/web.yaml", domain("web-01", "currentMemory: 6GiB"))
      await stage.run("plan fleet/ --observed fleet.jsonl --out plan.json")
    },
    Situation("plan-from-xml-files") { stage in
      try stage.write(
        "fleet/web.yaml", domain("web-01", "memory: 16GiB", "currentMemory: 8GiB"))
      try stage.definition("live.xml", memory: 8)
      try stage.definition("persistent.xml", memory: 8)
      await stage.run("plan fleet/ --live-xml live.xml --persistent-xml persistent.xml")
      await stage.run("plan fleet/ --live-xml live.xml")
    },
    Situation("observe") { stage in
      stage.host(.guest("web-01"))
      stage.scene.isTerminal = false
      await stage.run("observe web-01")
      await stage.run("observe web-1")
    },
    Situation("export") { stage in
      stage.host(
        .guest("web-01", current: .gibibytes(6)).with {
          $0.persistent?.currentMemory = .exactly(.gibibytes(8))
          $0.persistent?.memtune.hardLimit = .size(.gibibytes(12))
        })
      stage.scene.isTerminal = false
      await stage.run("export")
    },
    Situation("export-from-an-empty-connection") { stage in
      stage.host()
      await stage.run("export")
      var session = Scene.host([])
      (session.uri, session.isSession) = ("qemu:///session", true)
      stage.scene.hosts[""] = SimulatedHypervisor(session)
      await stage.run("export")
      await stage.run("export web-01")
    },
  ]
}

extension Stage {
  /// Writes the definition of a QEMU domain web-01 with `memory` GiB.
  fileprivate func definition(_ name: String, memory: Int) throws {
    _ = try scene.file(
      name,
      """
      <domain type='kvm'><name>web-01</name><uuid>6f1d2c1e-4a55-4b7e-9d7a-1b1f0a9c0d01</uuid>
        <memory unit='GiB'>\(memory)</memory><currentMemory unit='GiB'>\(memory)</currentMemory>
        <devices><memballoon model='virtio'/></devices></domain>
      """)
  }
}
