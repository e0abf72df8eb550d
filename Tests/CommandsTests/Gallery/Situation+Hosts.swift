// SPDX-License-Identifier: Apache-2.0

import MemoryModel
import TestSupport

/// Hosts and domains that virtmem can't see.
extension Situation {
  static let hosts = [
    Situation("host-silent") { stage in
      let names = (1...45).map { "app-\($0 + 100)" }
      stage.host("qemu+tls://hv01.example.net/system", [.guest("web-01")])
      stage.scene.refusals["qemu+tcp://hv02.example.net/system"] = HypervisorError(
        .deadline, call: "virConnectOpenAuth", message: "no answer within 10 s")
      try stage.write(
        "fleet/hosts.yaml", host("hv01", "qemu+tls://hv01.example.net/system"),
        host("hv02", "qemu+tcp://hv02.example.net/system"))
      try stage.write(
        "fleet/web.yaml", domain("web-01", "host: hv01", "currentMemory: 8GiB"),
        names.map { domain($0, "host: hv02", "currentMemory: 6GiB") }.joined(separator: "---\n"),
        domain("web-77", "host: hv02", "currentMemory: 6GiB"))
      await stage.run("plan fleet/")
      await stage.run("plan fleet/ -q")
    },
    unreachable(
      "host-denied", nil,
      HypervisorError(
        .denied, call: "virConnectOpenAuth", code: 38, domain: 7,
        message:
          "Failed to connect socket to '/var/run/libvirt/libvirt-sock-ro': Permission denied")),
    unreachable(
      "host-without-daemon", "qemu:///system",
      HypervisorError(
        .connection, call: "virConnectOpenAuth", code: 38, domain: 7,
        message:
          "Failed to connect socket to '/var/run/libvirt/virtqemud-sock': No such file or directory"
      )),
    unreachable(
      "host-of-an-unknown-scheme", "kemu:///system",
      HypervisorError(
        .connection, call: "virConnectOpenAuth", code: 5, domain: 0,
        message: "no connection driver available for kemu:///system")),
    unreachable(
      "host-over-ssh", "qemu+ssh://root@hv07.example.net/system",
      HypervisorError(
        .connection, call: "virConnectOpenAuth", code: 38, domain: 7,
        message: """
          Cannot recv data: root@hv07.example.net: Permission denied (publickey,password).: \
          Connection reset by peer
          """)),
    unreachable(
      "host-with-another-certificate", "qemu+tls://hv07.example.net/system",
      HypervisorError(
        .connection, call: "virConnectOpenAuth", code: 1, domain: 7,
        message: "Cannot read CA certificate '/etc/pki/CA/cacert.pem': No such file or directory")),
    Situation("host-not-in-the-snapshot") { stage in
      stage.host("qemu+tls://hv01.example.net/system", [.guest("web-01")])
      try stage.write("hosts.yaml", host("hv01", "qemu+tls://hv01.example.net/system"))
      try stage.write(
        "fleet/hosts.yaml", host("hv01", "qemu+tls://hv01.example.net/system"),
        host("hv02", "qemu+tls://hv02.example.net/system"))
      try stage.write(
        "fleet/web.yaml", domain("web-02", "host: hv01", "currentMemory: 8GiB"),
        domain("web-03", "host: hv02", "currentMemory: 6GiB"))
      let snapshot = await stage.scene.run("observe", "--hosts", "hosts.yaml")
      try stage.write("fleet.jsonl", snapshot.output)
      await stage.run("plan fleet/ --observed fleet.jsonl")
    },
    Situation("host-suspended") { stage in
      stage.host("qemu+tls://hv01.example.net/system", [.guest("web-01")])
      try stage.write(
        "fleet/hosts.yaml", host("hv01", "qemu+tls://hv01.example.net/system"),
        host("hv02", "qemu+tls://hv02.example.net/system", "suspend: true"))
      try stage.write(
        "fleet/web.yaml", domain("web-01", "host: hv01", "currentMemory: 8GiB"),
        domain("web-02", "host: hv02", "currentMemory: 6GiB"),
        domain("web-03", "host: hv02", "currentMemory: 6GiB"))
      await stage.run("plan fleet/")
    },
    Situation("host-suspended-until") { stage in
      stage.host("qemu+tls://hv01.example.net/system", [.guest("web-01"), .guest("web-04")])
      try stage.write(
        "fleet/hosts.yaml", host("hv01", "qemu+tls://hv01.example.net/system"),
        host(
          "hv02", "qemu+tls://hv02.example.net/system",
          "suspend: {until: 2026-12-31, reason: its memory is replaced}"))
      try stage.write(
        "fleet/web.yaml",
        domain("web-01", "host: hv01", "currentMemory: 6GiB", "suspend: {until: 2026-10-31}"),
        domain("web-02", "host: hv02", "currentMemory: 6GiB"),
        domain("web-04", "host: hv01", "currentMemory: 6GiB", "suspend: {reason: under test}"))
      await stage.run("plan fleet/ --out plan.json")
      await stage.run("show plan.json")
    },
    Situation("domain-that-may-not-be-read") { stage in
      var faults = SimulatedHypervisor.Faults()
      faults.hidden = ["web-02"]
      stage.host(.guest("web-01"), .guest("web-02"), faults: faults)
      try stage.write(
        "fleet/web.yaml", domain("web-01", "currentMemory: 8GiB"),
        domain("web-02", "currentMemory: 8GiB"))
      await stage.run("plan fleet/")
    },
  ]

  /// A plan with one host, which libvirt does not reach; nil as `uri` for libvirt's default.
  private static func unreachable(
    _ name: String, _ uri: String?, _ error: HypervisorError
  ) -> Situation {
    Situation(name) { stage in
      stage.scene.refusals[uri ?? ""] = error
      if uri == Scene.defaultURI { stage.scene.refusals[""] = error }
      try stage.write(
        "fleet/web.yaml", domain("web-01", "currentMemory: 8GiB"),
        domain("web-02", "currentMemory: 8GiB"))
      await stage.run("plan fleet/" + (uri.map { " -c \($0)" } ?? ""))
    }
  }
}
