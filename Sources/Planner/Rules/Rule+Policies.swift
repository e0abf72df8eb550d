// SPDX-License-Identifier: Apache-2.0

package import MemoryModel

/// Rules that follow from the policies of Hosts and Domains, or from the plan as a whole.
extension Rule {
  package static let hostReserve = Rule(
    "host-reserve", .refuses,
    about: [.currentMemory, .any(.deviceRequested), .any(.deviceState)],
    "the host's available memory would fall below its reserve",
    fact: """
      virtmem never plans below the `reserve.memory` of a Host. Domains grow in the order of their \
      names as long as the host has enough memory.
      """,
    remedy: """
      Shrink other domains of the host, lower the `reserve` of the Host, or move the domain to \
      another host.
      """,
    meaning: .hostExhausted)

  package static let hostNodeFull = Rule(
    "host-node-full", .refuses,
    about: [
      .currentMemory, .any(.deviceRequested), .any(.deviceState), .any(.numatuneNodeset),
    ],
    "the host nodes that the guest is bound to have too little memory",
    fact: """
      A bound guest gets memory only from its nodes. If they have too little, the kernel kills \
      QEMU. libvirt does not report how much page cache a node has, so virtmem adds all of the \
      host's page cache to what is free on the nodes.
      """,
    remedy: """
      Free memory on the nodes, bind the guest to more nodes, or plug less memory.
      """,
    meaning: .hostExhausted)

  package static let counterpartBlocked = Rule(
    "counterpart-blocked", .refuses,
    "another field that must change together with this field is blocked",
    fact: """
      Some fields form a sum or a pair: cells and their processors, RAM and devices, two limits. \
      virtmem plans such fields together or not at all. A part of the change would make the guest \
      smaller, or give the guest another shape than declared.
      """,
    remedy: """
      Remove the cause that blocks the named field, or remove the named field from the manifest.
      """)

  package static let restartNotSupported = Rule(
    "restart-not-supported", .warns,
    "virtmem does not restart domains yet, so the plan has no restart",
    fact: """
      virtmem plans `disruption: restart` like `disruption: live`: a change that needs a start \
      waits for the next start.
      """,
    remedy: """
      If a value that shows `pendingRestart` should take effect, shut the domain down (`virsh \
      shutdown DOMAIN`) and start it again (`virsh start DOMAIN`).
      """)

  static let ofPlanning = [
    hostReserve, hostNodeFull, counterpartBlocked, restartNotSupported,
  ]
}
