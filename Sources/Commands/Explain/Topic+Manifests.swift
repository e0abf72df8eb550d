// SPDX-License-Identifier: Apache-2.0

// What manifests have beside the fields of domains.
extension Topic {
  static let kinds = [
    Topic(
      "Domain", .kinds, "A Domain manifest declares the memory of one libvirt domain.",
      detail: """
        virtmem changes only the fields that the manifest declares. `metadata.name` is the name \
        that libvirt has for the domain. `spec.host` names a Host, and `spec.uuid` makes sure that \
        it is the same domain.
        """,
      example: """
        apiVersion: virtmem.io/v1alpha1
        kind: Domain
        metadata: {name: web-01, labels: {app: web}}
        spec:
          host: hv01
          profiles: [web]
          currentMemory: 6GiB
        """),
    Topic(
      "Host", .kinds, "A Host manifest names a hypervisor and the URI to connect to it.",
      detail: """
        Without any Host, virtmem connects to the URI of `--connect`, or to libvirt's default.
        """,
      example: """
        apiVersion: virtmem.io/v1alpha1
        kind: Host
        metadata: {name: hv01}
        spec:
          uri: qemu+ssh://root@hv01.example.net/system
          reserve: {memory: 8GiB}
        """),
    Topic(
      "Profile", .kinds, "A Profile manifest holds fields that several Domains share.",
      detail: """
        A Domain names its Profiles with `profiles`. A later Profile wins over an earlier one, and \
        the Domain wins over all. The Profile named `default` holds for every Domain.
        """,
      example: """
        apiVersion: virtmem.io/v1alpha1
        kind: Profile
        metadata: {name: web}
        spec:
          memtune: {hardLimit: 24GiB}
        """),
  ]

  static let settings = [
    Topic(
      "policy.disruption", .settings,
      "The strongest effect that a plan may have on the running guest: none, live or restart.",
      detail: """
        With `none`, virtmem changes the persistent definition only, and the guest gets the values \
        at its next start. With `live`, virtmem also changes the running guest. `--allow` lowers \
        the effect for one run.
        """,
      example: "spec:\n  policy: {disruption: live}", synonyms: ["disruption", "policy", "allow"]),
    Topic(
      "policy.shrink", .settings,
      "Whether virtmem may take memory from a running guest: never, guarded or allow.",
      detail: """
        With `guarded`, virtmem reads the balloon statistics of the guest. It leaves the guest what \
        it uses and a tenth of that, at least 64 MiB more.
        """,
      example: "spec:\n  policy: {shrink: guarded}\n  memballoon: {statsPeriod: 10s}",
      synonyms: ["shrink"]),
    Topic(
      "suspend", .settings,
      "virtmem shows a Domain with `suspend: true`, and never changes it. virtmem does not connect "
        + "to such a Host.",
      example: "spec:\n  suspend: true", synonyms: ["suspended"]),
    Topic(
      "reserve", .settings, "The memory that every plan leaves available on a Host.",
      example: "kind: Host\nspec:\n  reserve: {memory: 8GiB}"),
    Topic(
      "profiles", .settings, "The names of the Profiles that a Domain uses, the weakest first.",
      example: "spec:\n  profiles: [web, large]", synonyms: ["spec.profiles"]),
    Topic(
      "unmanaged", .settings,
      "The value of a field that virtmem leaves as it is, although a Profile declares it.",
      example: "spec:\n  memtune: {hardLimit: unmanaged}"),
    Topic(
      "uri", .settings, "The libvirt URI of a Host, in the form that virsh takes.",
      detail: """
        A URI in a manifest may not run a program, weaken a check or hold a password. Write such a \
        URI into `uri_aliases` of libvirt.conf, and name the alias in the manifest.
        """,
      example: "kind: Host\nspec:\n  uri: qemu+ssh://root@hv01.example.net/system",
      synonyms: ["connect"]),
  ]
}
