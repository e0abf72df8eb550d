// SPDX-License-Identifier: Apache-2.0

// The words that libvirt and QEMU have for what manifests declare.
extension Topic {
  static let words = [
    Topic(
      "balloon", .words,
      "The device by which a running guest gives memory to its host, and takes it back.",
      detail: """
        virtmem sets the target of the balloon with `currentMemory`. A guest without a balloon \
        driver does not follow; then virtmem fails the step and withdraws the target.
        """,
      synonyms: ["setmem", "virDomainSetMemoryFlags", "dommemstat"], field: "currentMemory"),
    Topic(
      "system", .words, "libvirt's connection to the guests of a machine, `qemu:///system`.",
      detail: """
        Root uses it unless another URI is given. Other users name it, with `-c qemu:///system`, \
        and need the group `libvirt` to change guests.
        """, synonyms: ["qemu:///system"]),
    Topic(
      "session", .words, "libvirt's connection to the guests of one user, `qemu:///session`.",
      detail: """
        libvirt uses it for every user but root if no URI is given, also for members of the group \
        `libvirt`. It has none of the machine's guests: those are on `qemu:///system`.
        """, synonyms: ["qemu:///session"]),
    Topic(
      "setmaxmem", .words, "virsh's command for the RAM that a guest has at boot.",
      synonyms: ["virDomainSetMaxMemory"], field: "memory"),
    Topic(
      "hard_limit", .words, "libvirt's element for the most host memory that a domain may use.",
      field: "memtune.hardLimit"),
    Topic(
      "soft_limit", .words, "libvirt's element for the memory to which the kernel pushes a domain.",
      field: "memtune.softLimit"),
    Topic(
      "swap_hard_limit", .words,
      "libvirt's element for the most memory plus swap, or the most swap.",
      field: "memtune.swapHardLimit"),
    Topic(
      "min_guarantee", .words, "libvirt's element for the memory that ESX guarantees to a guest.",
      field: "memtune.minGuarantee"),
    Topic(
      "hugepages", .words, "The host's huge pages, which can back the memory of a guest.",
      field: "memoryBacking.hugepages"),
    Topic(
      "virtio-mem", .words, "A memory device whose size in the guest changes while the guest runs.",
      field: "devices.*.requested"),
    Topic(
      "dimm", .words, "A memory device that libvirt plugs and unplugs as a whole.",
      synonyms: ["pc-dimm"], field: "devices.*.model"),
    Topic(
      "plane", .words,
      "One of the two definitions of a domain: live (the running guest) or persistent (its next "
        + "start).",
      synonyms: ["live", "persistent", "inactive"]),
  ]
}
