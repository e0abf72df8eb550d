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
        """, libvirt: "<memballoon>; virDomainSetMemoryFlags (virsh setmem)",
      next: "virsh dommemstat DOMAIN",
      synonyms: ["setmem", "virDomainSetMemoryFlags", "dommemstat"], field: "currentMemory"),
    Topic(
      "statistics", .words, "What the guest tells of its memory through the balloon.",
      detail: "`policy.shrink: guarded` needs statistics that are not old.",
      libvirt: "<stats period>; virsh dommemstat", next: "virsh dommemstat DOMAIN",
      synonyms: ["stats", "virDomainSetMemoryStatsPeriod", "usable"],
      field: "memballoon.statsPeriod"),
    Topic(
      "setmaxmem", .words, "virsh's command for the RAM that a guest has at boot.",
      detail: "virtmem calls it for the persistent definition: the RAM changes at the next start.",
      libvirt: "<memory>; virDomainSetMemoryFlags(MAXIMUM)", next: "virsh dominfo DOMAIN",
      synonyms: ["virDomainSetMaxMemory"], field: "memory"),
    Topic(
      "hard_limit", .words, "libvirt's element for the most host memory that a domain may use.",
      detail: "QEMU itself counts too. If the domain needs more, the kernel kills QEMU.",
      next: "virsh memtune DOMAIN", synonyms: ["virDomainSetMemoryParameters"],
      field: "memtune.hardLimit"),
    Topic(
      "soft_limit", .words, "libvirt's element for the memory to which the kernel pushes a domain.",
      next: "virsh memtune DOMAIN", field: "memtune.softLimit"),
    Topic(
      "swap_hard_limit", .words,
      "libvirt's element for the most memory plus swap, or the most swap.",
      detail: "With cgroup v1 it bounds memory plus swap, with cgroup v2 swap alone.",
      next: "virsh memtune DOMAIN", field: "memtune.swapHardLimit"),
    Topic(
      "min_guarantee", .words, "libvirt's element for the memory that ESX guarantees to a guest.",
      next: "virsh memtune DOMAIN", field: "memtune.minGuarantee"),
    Topic(
      "hugepages", .words, "The host's huge pages, which can back the memory of a guest.",
      detail: """
        A host reserves them by size and NUMA node: with `virsh allocpages --pagesize 2048 \
        --pagecount 512 --cellno 1`, with the file nr_hugepages below \
        /sys/devices/system/node/node1/hugepages, or at boot with `hugepagesz=1G hugepages=4` on \
        the kernel's command line. Pages of 1 GiB are best reserved at boot. Plans block what the \
        pools can't hold at the next start, by the rule `hugepages-not-on-host`. libvirt counts \
        surplus pages, which the kernel makes while nr_overcommit_hugepages allows it, as pages of \
        the pool; the kernel takes them back when the guest that uses them stops, so the next start \
        may find fewer than the plan says. `/sys/devices/system/node/node1/hugepages/\
        hugepages-2048kB/surplus_hugepages` tells how many they are.
        """,
      next: "virsh freepages --all",
      synonyms: ["huge pages", "hugepage", "pages", "allocpages", "nr_hugepages"],
      field: "memoryBacking.hugepages"),
    Topic(
      "memnode", .words, "libvirt's element that binds one cell of the guest to nodes of the host.",
      next: "virsh numatune DOMAIN", synonyms: ["binding"], field: "numatune.memnodes.*.nodeset"),
    Topic(
      "nodeset", .words, "A set of nodes of the host, such as 0-1,3.",
      next: "virsh capabilities", synonyms: ["node", "NUMA node", "virDomainSetNumaParameters"],
      field: "numatune.memory.nodeset"),
    Topic(
      "cell", .words, "A NUMA node of the guest; libvirt's element <cell>.",
      next: "virsh dumpxml DOMAIN", synonyms: ["cells", "NUMA cell", "vcpus"],
      field: "numa.cells.*.memory"),
    Topic(
      "nosharepages", .words, "libvirt's element that keeps KSM from merging the guest's pages.",
      next: "virsh dumpxml DOMAIN", synonyms: ["ksm"], field: "memoryBacking.sharePages"),
    Topic(
      "memfd", .words, "Memory of a file without a name, which other processes can share.",
      next: "virsh dumpxml DOMAIN", synonyms: ["anonymous", "shared memory"],
      field: "memoryBacking.source"),
    Topic(
      "plane", .words,
      "One of the two definitions of a domain: live (the running guest) or persistent (its next "
        + "start).",
      libvirt: "virsh dumpxml DOMAIN, virsh dumpxml --inactive DOMAIN",
      example:
        "spec:\n  memory: 16GiB        # persistent\n  currentMemory: 8GiB  # live + persistent",
      next: "virtmem plan PATH",
      synonyms: ["planes", "live", "persistent", "inactive", "definition", "config", "--config"]),
    Topic(
      "redefinition", .words, "libvirt reads the whole definition anew, for the next start.",
      detail: "virtmem uses it for a field that has no call of its own.",
      libvirt: "virDomainDefineXMLFlags (virsh define)",
      example: "spec:\n  memoryBacking: {source: memfd, access: shared}",
      next: "virsh dumpxml --inactive DOMAIN",
      synonyms: ["define", "virDomainDefineXMLFlags", "redefine", "virsh define", "virsh edit"]),
    Topic(
      "transient", .words, "A domain without a persistent definition: it has no next start.",
      detail: "virtmem changes it live only, and never defines it.",
      libvirt: "virDomainIsPersistent (virsh dominfo)", example: "spec:\n  currentMemory: 6GiB",
      next: "virtmem explain transient-has-no-next-start", synonyms: ["transient domain"]),
    Topic(
      "managed save", .words, "A saved state of the guest, which the next start resumes.",
      detail: "The next start uses the definition in the image. virtmem never removes an image.",
      libvirt: "virDomainManagedSave (virsh managedsave)", example: "spec:\n  memory: 16GiB",
      next: "virtmem explain managed-save-shadows",
      synonyms: ["saved image", "managedsave", "managed-save image", "image"]),
    Topic(
      "system", .words, "libvirt's connection to the guests of a machine, `qemu:///system`.",
      detail: """
        Root uses it unless another URI is given. Other users name it, with `-c qemu:///system`, \
        and need the group `libvirt` to change guests.
        """, example: "kind: Host\nspec:\n  uri: qemu:///system",
      next: "virsh -r -c qemu:///system list --all", synonyms: ["qemu:///system"]),
    Topic(
      "session", .words, "libvirt's connection to the guests of one user, `qemu:///session`.",
      detail: """
        libvirt uses it for every user but root if no URI is given, also for members of the group \
        `libvirt`. It has none of the machine's guests: those are on `qemu:///system`.
        """, example: "kind: Host\nspec:\n  uri: qemu:///session",
      next: "virsh -r -c qemu:///session list --all", synonyms: ["qemu:///session"]),
  ]

  static let devices = [
    Topic(
      "virtio-mem", .words, "A memory device whose size in the guest changes while the guest runs.",
      detail: "The guest needs the driver virtio_mem, and the domain needs maxMemory.",
      libvirt: "<memory model='virtio-mem'>; virDomainUpdateDeviceFlags",
      example: """
        spec:
          maxMemory: {size: 32GiB, slots: 8}
          devices:
            elastic0:
              {model: virtio-mem, size: 8GiB, block: 2MiB, requested: 4GiB, node: 0}
        """, next: "virtmem explain devices.*.requested",
      synonyms: [
        "virtio_mem", "virDomainUpdateDeviceFlags", "update-memory-device", "requested size",
      ]
    ),
    Topic(
      "dimm", .words, "A memory device that libvirt plugs and unplugs as a whole.",
      libvirt: "<memory model='dimm'>; virDomainAttachDeviceFlags, virDomainDetachDeviceFlags",
      example: """
        spec:
          maxMemory: {size: 32GiB, slots: 8}
          devices:
            stick0: {model: dimm, size: 1GiB, node: 0}
        """, next: "virtmem explain devices.*.size",
      synonyms: [
        "pc-dimm", "hotplug", "virDomainAttachDeviceFlags", "virDomainDetachDeviceFlags",
        "attach-device", "detach-device", "unplug", "memory device",
      ]),
    Topic(
      "nvdimm", .words, "A memory device that keeps its content in a file of the host.",
      libvirt: "<memory model='nvdimm'>; virDomainAttachDeviceFlags",
      example: """
        spec:
          devices:
            disk0: {model: nvdimm, size: 1GiB, path: /var/lib/libvirt/pmem0, node: 0}
        """, next: "virtmem explain devices.*.path"),
    Topic(
      "virtio-pmem", .words, "A file of the host that the guest sees as persistent memory.",
      libvirt: "<memory model='virtio-pmem'>; virDomainAttachDeviceFlags",
      example: """
        spec:
          devices:
            disk0: {model: virtio-pmem, size: 1GiB, path: /var/lib/libvirt/pmem0}
        """, next: "virtmem explain devices.*.path", synonyms: ["pmem device"]),
    Topic(
      "sgx-epc", .words, "Memory of the processor's enclaves, which only a start changes.",
      libvirt: "<memory model='sgx-epc'>; virDomainDefineXMLFlags",
      example: "spec:\n  devices:\n    enclave0: {model: sgx-epc, size: 64MiB, node: 0}",
      next: "virtmem explain devices.*.size", synonyms: ["sgx"]),
    Topic(
      "alias", .words, "The name of a device in the domain XML; ua-NAME is one that a user gave.",
      detail: "A device in a manifest has its name as the key below `devices`.",
      libvirt: "<alias name='ua-stick0'/>",
      example: "spec:\n  devices:\n    stick0: {model: dimm, size: 1GiB, node: 0}",
      next: "virtmem export DOMAIN --fields devices", synonyms: ["user alias", "ua-NAME"]),
  ]
}
