// SPDX-License-Identifier: Apache-2.0

import Documents
import MemoryModel
import Testing

@Suite struct ManifestSuggestionTests {
  @Test(
    "the reader suggests the likely name",
    arguments: [
      ("memroy: 8GiB", "memory"), ("Memory: 8GiB", "memory"),
      ("current_memory: 8GiB", "currentMemory"),
      ("profile: [a]", "profiles"), ("hardLimit: 8GiB", "memtune.hardLimit"),
      ("hard_limit: 8GiB", "memtune.hardLimit"), ("memtune: {hard_limit: 8GiB}", "hardLimit"),
      ("memtune: {swap_hard_limit: 8GiB}", "swapHardLimit"),
      ("memtune: {hardlimit: 8GiB}", "hardLimit"),
      ("memballoon: {stats: {period: 10}}", "statsPeriod"),
      ("stats: 10s", "memballoon.statsPeriod"),
      ("memoryballoon: {}", "memballoon"), ("policy: {disrupt: live}", "disruption"),
      ("policy: {disruption: restrat}", "restart"),
      ("nosharepages: true", "memoryBacking.sharePages"),
      ("memoryBacking: {nosharepages: true}", "sharePages"),
      ("memoryBacking: {page: 2MiB}", "hugepages"),
      ("hugepages: default", "memoryBacking.hugepages"),
      ("memoryBacking: {threads: 8}", "memoryBacking.allocation.threads"),
      ("memoryBacking: {source: memdf}", "memfd"),
      ("memoryBacking: {hugepages: defualt}", "default"),
      ("memnode: {}", "numatune.memnodes"), ("numatune: {memnode: {}}", "memnodes"),
      ("numatune: {nodeset: 0}", "numatune.memory.nodeset"),
      ("numatune: {memory: {mode: Strict}}", "strict"),
      ("numatune: {memnodes: {0: {node_set: 0}}}", "nodeset"),
      ("cells: {}", "numa.cells"), ("cell: {}", "numa.cells"), ("cpu: {}", "numa"),
      ("numa: {cell: {}}", "cells"), ("cpus: 0-3", "numa.cells.0.cpus"),
      ("numa: {cells: {3: {memAccess: shared}}}", "access"),
      ("numa: {cells: {3: {size: 1GiB}}}", "memory"), ("memAccess: shared", "numa.cells.0.access"),
      ("memballoon: {freepage_reporting: true}", "freePageReporting"),
      ("freepage_reporting: true", "memballoon.freePageReporting"),
      ("memballoon: {model: virtoi}", "virtio"),
      ("requestedSize: 1GiB", "devices.elastic0.requested"),
      ("devices: {a: {requestedSize: 1GiB}}", "requested"),
      ("devices: {a: {pagesize: 2MiB}}", "pageSize"), ("devices: {a: {label: 1MiB}}", "labelSize"),
      ("devices: {a: {model: virtiomem}}", "virtio-mem"),
      ("devices: {a: {state: Absent}}", "absent"), ("device: {}", "devices"),
      ("dumpcore: true", "dumpCore"), ("memory: Unmanaged", "unmanaged"),
      ("devices: {a: Unmanaged}", "unmanaged"), ("numa: None", "none"),
    ])
  func suggestion(spec: String, meant: String) {
    let mistakes = read(document("Domain", "web", spec: spec)).diagnostics
    #expect(mistakes.map(\.summary).map { $0.hasSuffix("did you mean '\(meant)'?") } == [true])
  }

  @Test(
    "the reader explains where a manifest declares what libvirt writes elsewhere",
    arguments: [
      ("devices: {a: {target: {size: 1GiB}}}", "directly here"),
      ("devices: {a: {source: {path: /a}}}", "directly here"),
      ("devices: {a: {alias: ua-a}}", "the alias is made of the device's name"),
      ("devices: {a: {name: a}}", "its key below devices"),
      ("numa: {cells: {0: {id: 0}}}", "its key below numa.cells"),
      ("numatune: {memnodes: {0: {cellid: 0}}}", "its key below numatune.memnodes"),
      ("devices: {model: dimm}", "devices.elastic0: {model: …}"),
      ("devices: [{model: dimm}]", "devices: {elastic0: {model: …}}"),
      ("numa: {cells: [{memory: 1GiB}]}", "numa.cells: {0: {cpus: …}}"),
      ("numa: {cells: {memory: 1GiB}}", "numa.cells: {0: {memory: …}}"),
      ("devices: {a: none}", "devices.a: {state: absent}"),
      ("numa: {cells: {0: none}}", "numa.cells.0: {state: absent}"),
      ("numatune: {memnodes: {0: none}}", "numatune.memnodes.0: {state: absent}"),
      ("memballoon: none", "memballoon: {model: none}"), ("memtune: none", "unlimited"),
      ("devices: none", "{state: absent} for each device"),
      ("numa: {cells: none}", "numa: none"), ("memoryBacking: none", "hugepages, source, access"),
      ("maxMemory: {slots: none}", "maxMemory: none"), ("dumpCore: none", "Write true"),
      ("memoryBacking: {locked: none}", "Write false"),
      ("memtune: {hardLimit: none}", "Write unlimited"),
      ("memballoon: {statsPeriod: none}", "Write 0s"),
      ("numatune: {memory: {nodeset: none}}", "numatune.memory: none"),
      ("devices: {a: {access: none}}", "{state: absent} takes devices.a away"),
      ("devices: {a: {path: none}}", "{state: absent} takes devices.a away"),
      ("numa: {cells: {0: {memory: 0}}}", "Write 0KiB."),
    ])
  func remedy(spec: String, words: String) {
    let mistakes = read(document("Domain", "web", spec: spec)).diagnostics
    #expect(mistakes.count == 1)
    #expect(mistakes.first?.remedy.contains(words) == true, "\(mistakes)")
  }
}
