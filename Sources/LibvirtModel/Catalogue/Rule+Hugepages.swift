// SPDX-License-Identifier: Apache-2.0

package import MemoryModel

/// Rules about the huge pages that a host has for a guest.
extension Rule {
  package static let hugepagesNotOnHost = Rule(
    "hugepages-not-on-host", .refuses, about: ofHugepages,
    "the host has fewer huge pages than the guest's next start needs",
    fact: """
      QEMU allocates all huge pages when the domain starts, and the domain does not start if a \
      page is missing. virtmem counts the pages of the pools by size and node: those of a bound \
      guest on its nodes, those of any other on the whole host. Pages that the kernel makes on \
      demand (`nr_overcommit_hugepages`) are in no pool.
      """,
    remedy: """
      Reserve pages with `virsh allocpages --pagesize 2048 --pagecount N --cellno NODE`, with the \
      file `nr_hugepages` below /sys/devices/system/node/nodeNODE/hugepages, or, for pages of \
      1 GiB, at boot with `hugepagesz=1G hugepages=N` on the kernel's command line. If the host \
      makes pages on demand, declare `facts: {hugepages: onDemand}` in the Host.
      """)

  package static let hugepagesNotFree = Rule(
    "hugepages-not-free", .refuses, about: ofHugepages,
    "fewer huge pages are free now than the guest needs",
    fact: """
      The host's pools hold enough pages, but other guests have some of them, or the guests with \
      staged changes need more together than there are. virtmem blocks a change of the running \
      guest, and warns of one for its next start. libvirt also counts pages as free that a guest \
      has reserved and not yet touched, so fewer may be free.
      """,
    remedy: """
      Stop another guest that holds such pages, or reserve more with `virsh allocpages`. `virsh \
      freepages --all` shows what is free.
      """, meaning: .hostExhausted)

  private static let ofHugepages: [FieldPath] = [
    .any(.hugepages), .memory, .any(.cellMemory), .any(.cellState), .any(.deviceSize),
    .any(.deviceState), .any(.devicePageSize), .any(.deviceNodemask), .any(.numatuneNodeset),
    .any(.numatuneMode), .any(.memnodeNodeset), .any(.memnodeMode), .any(.memnodeState),
  ]

  static let ofHostPages = [hugepagesNotOnHost, hugepagesNotFree]
}
