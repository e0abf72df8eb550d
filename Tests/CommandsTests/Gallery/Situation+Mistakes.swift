// SPDX-License-Identifier: Apache-2.0

import MemoryModel

/// Mistakes in manifests and on the command line.
extension Situation {
  static let mistakes = [
    Situation("mistake-several-in-a-manifest") { stage in
      try stage.write(
        "fleet/web.yaml",
        domain(
          "web-01", "memroy: 8GiB", "currentMemory: 6G", "memtune: {hardLimit: 24576}",
          "policy: {disruption: restrt}"),
        domain("web-02", "profiles: [wbe]", "memory: 8 GiB", "memory: 9GiB"))
      await stage.run("validate fleet/")
    },
    Situation("mistake-contradictions") { stage in
      try stage.write(
        "fleet/web.yaml",
        domain(
          "web-01", "currentMemory: {min: 8GiB, max: 4GiB}",
          "memtune: {hardLimit: 24GiB, swapHardLimit: 16GiB}"),
        domain("web-01", "currentMemory: 6GiB"))
      await stage.run("validate fleet/")
    },
    Situation("mistake-foreign-documents") { stage in
      try stage.write(
        "fleet/kustomization.yaml",
        """
        apiVersion: kustomize.config.k8s.io/v1beta1
        kind: Kustomization
        resources: [web.yaml]

        """)
      try stage.write("fleet/values.yaml", "replicas: 3\nimage: {tag: latest}\n")
      try stage.write("fleet/web.yaml", domain("web-01", "memory: 8GiB"))
      await stage.run("validate fleet/")
    },
    Situation("mistake-a-saved-plan-as-manifest") { stage in
      stage.host(.guest("web-01", holding: .gibibytes(2)))
      try stage.write("fleet/web.yaml", domain("web-01", "currentMemory: 6GiB"))
      await stage.run("plan fleet/ -q --out plan.json")
      await stage.run("apply plan.json")
    },
    Situation("mistake-files-of-other-kinds") { stage in
      stage.host(.guest("web-01"))
      try stage.write("web.yaml", domain("web-01", "currentMemory: 8GiB"))
      try stage.write(
        "web.xml",
        "<domain type='kvm'>\n  <name>web-01</name>\n  <memory>8388608</memory>\n</domain>\n")
      await stage.run("validate web.xml")
      await stage.run("apply --plan web.yaml")
      await stage.run("plan web.yaml --observed web.yaml")
      await stage.run("plan web.yaml --persistent-xml web.yaml")
      await stage.run("plan web.yaml --persistent-xml web.xml --domain wbe-01")
    },
    Situation("mistake-a-name-to-export") { stage in
      stage.host(.guest("web-01"), .guest("db-01"))
      await stage.run("export web-99")
      await stage.run("export --out web.yaml")
      await stage.run("export -c qemu+tls://hv07.example.net/system")
    },
    Situation("mistake-fields-at-column-1") { stage in
      try stage.write(
        "fleet/web.yaml",
        """
        apiVersion: virtmem.io/v1alpha1
        kind: Domain
        metadata: {name: web-01}
        spec:
        memory: 8GiB
        currentMemory: 6GiB

        """)
      await stage.run("validate fleet/")
    },
    Situation("mistake-broken-yaml") { stage in
      try stage.write(
        "fleet/web.yaml",
        """
        apiVersion: virtmem.io/v1alpha1
        kind: Domain
        metadata: {name: web-01}
        spec:
          memory: 8GiB
         currentMemory: 6GiB

        """)
      await stage.run("validate fleet/ nosuch.yaml")
    },
    Situation("mistake-no-manifests") { stage in
      try stage.write("fleet/README.md", "")
      await stage.run("plan fleet/")
    },
    Situation("mistake-in-the-command") { stage in
      try stage.write("fleet/web.yaml", domain("web-01", "memory: 8GiB"))
      await stage.run("pln fleet/")
      await stage.run("diff fleet/")
      await stage.run("plan fleet/ -o json")
      await stage.run("plan fleet/ --timeout 5")
      await stage.run("plan")
    },
    Situation("mistake-a-selection-of-nothing") { stage in
      stage.host(.guest("web-01"), .guest("web-02"))
      try stage.write(
        "fleet/web.yaml", domain("web-01", labels: "app: web", "memory: 8GiB"),
        domain("web-02", labels: "app: web", "memory: 8GiB"))
      await stage.run("plan fleet/ --domain web-99")
      await stage.run("plan fleet/ --domain mail*")
      await stage.run("plan fleet/ -l app=mail")
    },
    Situation("mistake-a-connection-beside-hosts") { stage in
      stage.host("qemu+tls://hv01.example.net/system", [.guest("web-01")])
      try stage.write("fleet/hosts.yaml", host("hv01", "qemu+tls://hv01.example.net/system"))
      try stage.write("fleet/web.yaml", domain("web-01", "memory: 8GiB"))
      await stage.run("plan fleet/ -c qemu:///system")
    },
  ]
}
