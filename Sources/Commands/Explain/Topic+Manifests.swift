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
        """, next: "virtmem export DOMAIN"),
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
        """, next: "virsh -r -c URI list --all"),
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
        """, next: "virtmem validate PATH"),
    Topic(
      "apiVersion", .kinds, "The version of the form of manifests, virtmem.io/v1alpha1.",
      detail: "Each document has `apiVersion`, `kind`, `metadata` with a `name`, and `spec`.",
      example: """
        apiVersion: virtmem.io/v1alpha1
        kind: Domain
        metadata: {name: web-01}
        spec: {currentMemory: 6GiB}
        """, next: "virtmem schema",
      synonyms: ["kind", "metadata", "spec", "manifest", "manifests"]),
    Topic(
      "labels", .kinds, "Words of `metadata` by which `-l` selects domains.",
      detail: "A domain has the labels of its Host too.",
      example: "kind: Domain\nmetadata: {name: web-01, labels: {app: web}}",
      next: "virtmem plan PATH -l app=web", synonyms: ["label", "selector", "metadata.labels"]),
  ]

  static let settings = [
    Topic(
      "host", .settings, "The name of the Host that has the domain.",
      detail: """
        Without `host`, virtmem looks for the domain on every declared Host, and exactly one must \
        have it.
        """, example: "kind: Domain\nspec:\n  host: hv01",
      next: "virtmem plan PATH --domain 'hv01/*'",
      synonyms: ["spec.host"]),
    Topic(
      "name", .settings, "libvirt's name of the domain, where `metadata.name` is another one.",
      example: "kind: Domain\nspec:\n  name: web-01", next: "virsh -r -c URI list --all",
      synonyms: ["spec.name", "metadata.name"]),
    Topic(
      "uuid", .settings, "libvirt's UUID of the domain; if it is given, name and UUID must match.",
      example: "kind: Domain\nspec:\n  uuid: 6f1d2c1e-4a55-4b7e-9d7a-1b1f0a9c0d01",
      next: "virsh -r -c URI domuuid DOMAIN", synonyms: ["spec.uuid"]),
    Topic(
      "profiles", .settings, "The names of the Profiles that a Domain uses, the weakest first.",
      example: "kind: Domain\nspec:\n  profiles: [web, large]", next: "virtmem explain Profile",
      synonyms: ["spec.profiles"]),
    Topic(
      "policy", .settings, "What virtmem may do to a domain: `disruption` and `shrink`.",
      example: "spec:\n  policy: {disruption: live, shrink: guarded}",
      next: "virtmem explain policy.disruption", synonyms: ["policies"]),
    Topic(
      "policy.disruption", .settings,
      "The strongest effect that a plan may have on the running guest: none, live or restart.",
      detail: """
        With `none`, virtmem changes the persistent definition only, and the guest gets the values \
        at its next start. With `live`, the default, virtmem also changes the running guest. \
        virtmem does not restart guests yet, so `restart` is planned like `live`. `--allow` lowers \
        the effect for one run.
        """,
      example: "spec:\n  policy: {disruption: live}", next: "virtmem plan PATH --allow none",
      synonyms: [
        "disruption", "allow", "--allow", "restart", "policy.restart", "policy.restart.timeout",
        "policy.restart.force",
      ]),
    Topic(
      "policy.shrink", .settings,
      "Whether virtmem may take memory from a running guest: never, guarded or allow.",
      detail: """
        With `guarded`, the default, virtmem reads the balloon statistics of the guest. It leaves \
        the guest what it uses and a tenth of that, at least 64 MiB more.
        """,
      example: "spec:\n  policy: {shrink: guarded}\n  memballoon: {statsPeriod: 10s}",
      next: "virsh dommemstat DOMAIN", synonyms: ["shrink", "guarded", "never"]),
    Topic(
      "suspend", .settings,
      "virtmem shows a Domain that has `suspend`, and never changes it. virtmem does not connect to "
        + "such a Host.",
      detail: """
        `suspend` is `true`, or says until which day and why; each of the two can stand alone. \
        Past its day (in UTC) a suspension goes on, and plans warn by the rule \
        `suspension-expired`. A Profile can suspend its Domains. A Domain with `suspend: false` is \
        not suspended, whatever its Profiles say.
        """,
      example: "spec:\n  suspend: {until: 2026-12-31, reason: the disks are replaced}",
      next: "virtmem plan PATH",
      synonyms: ["suspended", "spec.suspend", "suspend.until", "suspend.reason", "until", "reason"]),
    Topic(
      "reserve", .settings, "The memory that every plan leaves available on a Host.",
      detail: """
        A change that would take more is blocked by the rule `host-reserve`. Right before each step \
        that takes memory, `apply` reads the host's memory again, and does not send a step that \
        would take more (`reserve-reached`).
        """,
      libvirt: "virNodeGetMemoryStats (virsh nodememstats)",
      example: "kind: Host\nspec:\n  reserve: {memory: 8GiB}", next: "virtmem plan PATH -v",
      synonyms: ["reserve.memory", "spec.reserve"]),
    Topic(
      "facts", .settings,
      "What libvirt does not tell of a Host: cgroup, hugepageSize and hugepages.",
      detail: """
        `hugepageSize` is the size that `hugepages: default` means. `hugepages: onDemand` says \
        that the host makes huge pages when a guest starts (`nr_overcommit_hugepages`, or a hook of \
        libvirt); then `hugepages-not-on-host` only warns. Without a fact, virtmem can only warn \
        where the answer depends on it.
        """,
      example: "kind: Host\nspec:\n  facts: {cgroup: v2, hugepageSize: 2MiB, hugepages: onDemand}",
      next: "virtmem plan PATH -v",
      synonyms: [
        "facts.cgroup", "facts.hugepageSize", "facts.hugepages", "onDemand", "cgroup",
        "hugepageSize", "spec.facts",
      ]),
    Topic(
      "uri", .settings, "The libvirt URI of a Host, in the form that virsh takes.",
      detail: """
        A URI in a manifest may not run a program, weaken a check or hold a password. Write such a \
        URI into `uri_aliases` of libvirt.conf, and name the alias in the manifest.
        """,
      example: "kind: Host\nspec:\n  uri: qemu+ssh://root@hv01.example.net/system",
      next: "virsh -r -c URI list --all", synonyms: ["connect", "spec.uri", "-c", "uri_aliases"]),
    Topic(
      "unmanaged", .settings,
      "The value of a field that virtmem leaves as it is, although a Profile declares it.",
      example: "spec:\n  memtune: {hardLimit: unmanaged}", next: "virtmem plan PATH -v"),
    Topic(
      "unlimited", .settings, "The value of a limit in `memtune` that takes the limit away.",
      example: "spec:\n  memtune: {hardLimit: unlimited}", next: "virtmem explain memtune"),
    Topic(
      "none", .settings, "The value that takes an element of the definition away.",
      detail: """
        `none` is for maxMemory, hugepages, source, access, allocation, numatune, its parts, and \
        numa. A device, a cell or a binding goes with `state: absent`.
        """,
      example: "spec:\n  maxMemory: none\n  devices:\n    stick0: {state: absent}",
      next: "virtmem plan PATH", synonyms: ["absent", "present", "state", "state: absent"]),
    Topic(
      "size", .settings, "A whole number and its unit with nothing between: 8GiB, 512MiB.",
      detail: "KiB, MiB, GiB and TiB count by 1024; KB, MB, GB and TB count by 1000.",
      example: "spec:\n  memory: 8GiB", next: "virtmem validate PATH",
      synonyms: ["sizes", "GiB", "MiB", "KiB", "TiB", "GB", "bytes", "unit"]),
    Topic(
      "duration", .settings, "A whole number and its unit with nothing between: 30s, 10m or 1h.",
      example: "spec:\n  memballoon: {statsPeriod: 10s}", next: "virtmem plan --help",
      synonyms: ["durations", "timeout", "--timeout"]),
  ]
}
