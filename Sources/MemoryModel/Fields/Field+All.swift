// SPDX-License-Identifier: Apache-2.0

// Plans list fields in the order of these rows.
extension Field {
  /// Every field that can be declared, in the order in which plans list them.
  package static let all: [Field] =
    ofSizes + ofTuning + ofBacking + ofNUMATuning + ofCells + ofBalloon + ofDevices

  /// The fields for which libvirt assumes a value where the definition leaves them out.
  package static let withValueOfAbsence = all.filter { $0.valueOfAbsence != nil && !$0.isOfItem }

  private static let ofSizes: [Field] = [
    Field(
      .maxMemory, { $0.maxMemory.presence }, { $0.maxMemory.presence = $1 },
      element: "<maxMemory>",
      summary: "The ceiling as a whole, which `none` takes away."),
    Field(
      .maxMemorySize, { $0.maxMemory.size }, { $0.maxMemory.size = $1 },
      element: "<maxMemory>",
      summary: "The ceiling for RAM at boot plus the full sizes of all memory devices."),
    Field(
      .maxMemorySlots, { $0.maxMemory.slots }, { $0.maxMemory.slots = $1 },
      element: "<maxMemory slots>",
      summary: "How many slots there are for DIMMs; optional since libvirt 9.5."),
    Field(
      .memory, { $0.memory }, { $0.memory = $1 },
      element: "<memory> less all memory devices; with NUMA cells, the sum of <cell memory>",
      calls: .persistent(
        .setMaxMemory, "MAXIMUM", note: "with a NUMA cell a redefinition"),
      summary: "RAM at boot, memory devices not counted."),
    Field(
      .currentMemory, { $0.currentMemory }, { $0.currentMemory = $1 },
      element: "<currentMemory> (live: less what virtio-mem devices have plugged)",
      calls: .both(.setMemory),
      takesEffect: "live, as the guest's balloon driver follows; persistent, at the next start",
      summary: "The balloon's figure: what the guest has of its RAM and DIMMs, or a range for it."),
    Field(
      .dumpCore, { $0.dumpCore }, { $0.dumpCore = $1 },
      element: "<memory dumpCore>",
      summary: "Whether a core dump of the hypervisor process has the guest's memory in it.",
      valueOfAbsence: .flag(true)),
  ]

  private static let ofTuning: [Field] = [
    Field(
      .hardLimit, { $0.memtune.hardLimit }, { $0.memtune.hardLimit = $1 },
      element: "<memtune><hard_limit>",
      calls: .both(.setMemoryParameters, "hard_limit"), takesEffect: atOnce,
      summary: """
        The most host memory that the domain, QEMU's own included, may use. A limit that systemctl \
        sets on the domain's scope is one level above libvirt's, and is not shown here.
        """,
      valueOfAbsence: .unlimited),
    Field(
      .softLimit, { $0.memtune.softLimit }, { $0.memtune.softLimit = $1 },
      element: "<memtune><soft_limit>",
      calls: .both(.setMemoryParameters, "soft_limit"), takesEffect: atOnce,
      summary:
        "The memory the domain is pushed back to under pressure; with cgroup v2 it throttles.",
      valueOfAbsence: .unlimited),
    Field(
      .swapHardLimit, { $0.memtune.swapHardLimit }, { $0.memtune.swapHardLimit = $1 },
      element: "<memtune><swap_hard_limit>",
      calls: .both(.setMemoryParameters, "swap_hard_limit"),
      takesEffect: atOnce,
      summary: "The most memory plus swap (cgroup v1), or the most swap (cgroup v2).",
      valueOfAbsence: .unlimited),
    Field(
      .minGuarantee, { $0.memtune.minGuarantee }, { $0.memtune.minGuarantee = $1 },
      element: "<memtune><min_guarantee>",
      calls: .both(.setMemoryParameters, "min_guarantee", note: "on ESX only"),
      takesEffect: "as ESX decides",
      summary: "The memory that is guaranteed to the guest; only ESX has it."),
  ]

  private static let atOnce = "at once; persistent, at the next start"

  private static let ofBacking: [Field] = [
    Field(
      .hugepages, { $0.memoryBacking.hugepages }, { $0.memoryBacking.hugepages = $1 },
      element: "<memoryBacking><hugepages>",
      summary: "Huge pages behind the guest's RAM, by size and guest cells."),
    Field(
      .sharePages, { $0.memoryBacking.sharePages }, { $0.memoryBacking.sharePages = $1 },
      element: "<memoryBacking><nosharepages/>",
      summary: "Whether the host's kernel may merge equal pages (KSM).",
      valueOfAbsence: .flag(true)),
    Field(
      .locked, { $0.memoryBacking.locked }, { $0.memoryBacking.locked = $1 },
      element: "<memoryBacking><locked/>",
      summary: "Whether the guest's memory is locked in host RAM, never swapped out.",
      valueOfAbsence: .flag(false)),
    Field(
      .source, { $0.memoryBacking.source }, { $0.memoryBacking.source = $1 },
      element: "<memoryBacking><source type>",
      summary: "What backs the guest's RAM: memory of the process, a file, or a memfd."),
    Field(
      .access, { $0.memoryBacking.access }, { $0.memoryBacking.access = $1 },
      element: "<memoryBacking><access mode>",
      summary: "Whether other processes may map the guest's RAM, as vhost-user and virtiofs need."),
    Field(
      .allocation, { $0.memoryBacking.allocation.presence },
      { $0.memoryBacking.allocation.presence = $1 },
      element: "<memoryBacking><allocation>",
      summary: "When the RAM is allocated, as a whole, which `none` takes away."),
    Field(
      .allocationMode, { $0.memoryBacking.allocation.mode },
      { $0.memoryBacking.allocation.mode = $1 },
      element: "<memoryBacking><allocation mode>",
      summary: "Whether the RAM is allocated at the start, or as the guest first writes to it."),
    Field(
      .allocationThreads, { $0.memoryBacking.allocation.threads },
      { $0.memoryBacking.allocation.threads = $1 },
      element: "<memoryBacking><allocation threads>",
      summary: "How many threads allocate the RAM at the start."),
    Field(
      .discard, { $0.memoryBacking.discard }, { $0.memoryBacking.discard = $1 },
      element: "<memoryBacking><discard/>",
      summary: "Whether the contents of a file behind the RAM are dropped when the guest ends.",
      valueOfAbsence: .flag(false)),
  ]

  private static let ofNUMATuning: [Field] = [
    Field(
      .numatune, { $0.numatune.presence }, { $0.numatune.presence = $1 },
      element: "<numatune>",
      summary: "The binding to host nodes as a whole, which `none` takes away."),
    Field(
      .numatuneMemory, { $0.numatune.memory.presence }, { $0.numatune.memory.presence = $1 },
      element: "<numatune><memory>",
      summary: "The binding of all RAM without one of its own, which `none` takes away."),
    Field(
      .numatuneMode, { $0.numatune.memory.mode }, { $0.numatune.memory.mode = $1 },
      element: "<numatune><memory mode>",
      calls: .persistent(.setNumaParameters, "numa_mode"),
      summary: "How strictly the guest's RAM is bound to host nodes."),
    Field(
      .numatuneNodeset, { $0.numatune.memory.nodeset }, { $0.numatune.memory.nodeset = $1 },
      element: "<numatune><memory nodeset>",
      calls: .both(
        .setNumaParameters, "numa_nodeset", note: "live in the restrictive mode only"),
      takesEffect: "at once in the restrictive mode; else at the next start",
      summary: "The host nodes that the guest's RAM comes from."),
    Field(
      .numatunePlacement, { $0.numatune.memory.placement }, { $0.numatune.memory.placement = $1 },
      element: "<numatune><memory placement>",
      summary: "Whether the nodes are the nodeset's, or numad chooses them at the start."),
    Field(
      .memnodes, { $0.numatune.memnodesPresence }, { $0.numatune.memnodesPresence = $1 },
      element: "<numatune><memnode>",
      summary: "The bindings of single guest cells as a whole, which `none` takes away."),
    Field(
      .memnodeState, of: NUMAMemnode.self, \.state,
      element: "<numatune><memnode>",
      summary: "Whether the guest cell has a binding of its own; `absent` takes it away."),
    Field(
      .memnodeMode, of: NUMAMemnode.self, \.mode,
      element: "<numatune><memnode mode>",
      summary: "How strictly the guest cell's RAM is bound to host nodes."),
    Field(
      .memnodeNodeset, of: NUMAMemnode.self, \.nodeset,
      element: "<numatune><memnode nodeset>",
      summary: "The host nodes that the guest cell's RAM comes from."),
  ]

  private static let ofCells: [Field] = [
    Field(
      .numa, { $0.numa }, { $0.numa = $1 },
      element: "<cpu><numa>",
      summary: "The guest's NUMA topology as a whole, which `none` takes away."),
    Field(
      .cellState, of: NUMACell.self, \.state,
      element: "<cpu><numa><cell>",
      summary: "Whether the guest has the cell; `absent` takes it away."),
    Field(
      .cellCPUs, of: NUMACell.self, \.cpus,
      element: "<cell cpus>",
      summary: "The guest's processors in the cell; those that no cell names are in cell 0."),
    Field(
      .cellMemory, of: NUMACell.self, \.memory, kind: .sizeOrZero,
      element: "<cell memory>",
      summary: "The RAM that the cell has at boot; all cells together are `memory`."),
    Field(
      .cellAccess, of: NUMACell.self, \.access,
      element: "<cell memAccess>",
      summary: "Whether other processes may map the cell's RAM."),
    Field(
      .cellDiscard, of: NUMACell.self, \.discard,
      element: "<cell discard>",
      summary: "Whether the contents of a file behind the cell's RAM are dropped at the end.",
      valueOfAbsence: .flag(false)),
  ]

  private static let ofBalloon: [Field] = [
    Field(
      .balloonModel, { $0.memballoon.model }, { $0.memballoon.model = $1 },
      element: "<memballoon model>",
      summary: "The balloon device; `none` for no such device."),
    Field(
      .autodeflate, { $0.memballoon.autodeflate }, { $0.memballoon.autodeflate = $1 },
      element: "<memballoon autodeflate>",
      summary: "Whether the guest takes memory back from the balloon before it kills a process.",
      valueOfAbsence: .flag(false)),
    Field(
      .freePageReporting, { $0.memballoon.freePageReporting },
      { $0.memballoon.freePageReporting = $1 },
      element: "<memballoon freePageReporting>",
      summary: "Whether the guest tells the host which of its pages are free.",
      valueOfAbsence: .flag(false)),
    Field(
      .statsPeriod, { $0.memballoon.statsPeriod }, { $0.memballoon.statsPeriod = $1 },
      element: "<memballoon><stats period>",
      calls: .both(.setMemoryStatsPeriod), takesEffect: atOnce,
      summary: "How often the guest reports its memory statistics; 0s turns them off.",
      valueOfAbsence: .seconds(0)),
  ]
}
