// SPDX-License-Identifier: Apache-2.0

package import MemoryModel

/// Rules about what virtmem could not observe, or observed at another time.
extension Rule {
  package static let hostUnobserved = Rule(
    "host-unobserved", .warns, "the host could not be observed",
    fact: "What can't be seen is unknown, and unknown is never in sync.",
    remedy: "Look at the host and its libvirt daemon, then plan again.",
    meaning: .hostUnobserved)

  package static let domainUnobserved = Rule(
    "domain-unobserved", .warns, "the domain could not be observed",
    fact: "What can't be seen is unknown, and unknown is never in sync.",
    remedy: "Look at the domain with `virsh dumpxml`, then plan again.")

  package static let plannedFromSnapshot = Rule(
    "planned-from-snapshot", .warns, "the host was observed before, not now",
    fact: """
      The plan is of what was there then. What has changed since makes a domain's steps stale, and \
      applying leaves it untouched.
      """,
    remedy: "Nothing has to be done; observe anew where the plan is stale.")

  package static let takenForTransient = Rule(
    "taken-for-transient", .warns, "a live definition alone is taken for a transient domain",
    fact: "Without a persistent definition there is nothing that a next start could use.",
    remedy: "Give the persistent definition too (`virsh dumpxml --inactive`) if there is one.")

  package static let hostMemoryUnknown = Rule(
    "host-memory-unknown", .warns, "the host's available memory is unknown",
    fact: "The driver does not tell how much memory the host has left, so its reserve is not held.",
    remedy: "Take `reserve` out of the Host if that is as it should be.")

  package static let balloonSettlesAfterBoot = Rule(
    "balloon-settles-after-boot", .warns, about: [.currentMemory], "the guest may just have booted",
    fact: """
      After a start or a reset a guest has all of its memory until its balloon driver loads, and \
      then goes to the persistent figure by itself.
      """,
    remedy: "Look again in some seconds.", meaning: .settling)

  package static let managedSaveShadows = Rule(
    "managed-save-shadows", .warns, "the next start resumes a saved image with the old values",
    fact: """
      A managed-save image holds the definition it was saved with; the persistent definition \
      counts at the first start after that. virtmem never removes an image.
      """,
    remedy: """
      Start the domain and power-cycle it, or remove the image with `virsh managedsave-remove` if \
      the guest's state may be lost.
      """)

  package static let managedSaveNotReadable = Rule(
    "managed-save-not-readable", .warns, "the managed-save image can't be looked into",
    fact: """
      The driver does not show the definition in a managed-save image, which the next start \
      resumes. The persistent definition alone decides what is in sync.
      """,
    remedy: "Nothing has to be done; the persistent values count at the start after that one.")

  package static let qemuCommandlineMemory = Rule(
    "qemu-commandline-memory", .warns, "QEMU's command line changes the memory by hand",
    fact: """
      <qemu:commandline> gives QEMU arguments behind libvirt's back. libvirt and virtmem know \
      nothing of the memory that they add or change, so what a plan shows is not all there is.
      """,
    remedy: """
      Say it by libvirt's own elements, or leave the domain out of the manifests.
      """)

  static let ofObservation = [
    hostUnobserved, domainUnobserved, plannedFromSnapshot, takenForTransient, hostMemoryUnknown,
    balloonSettlesAfterBoot, managedSaveShadows, managedSaveNotReadable, qemuCommandlineMemory,
  ]
}
