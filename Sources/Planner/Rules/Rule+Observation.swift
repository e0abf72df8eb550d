// SPDX-License-Identifier: Apache-2.0

package import MemoryModel

/// Rules about what virtmem could not observe, or observed at another time.
extension Rule {
  package static let hostUnobserved = Rule(
    "host-unobserved", .warns, "virtmem could not read the host",
    fact: """
      virtmem could not read the host, so virtmem does not know whether the domains of the host \
      are as declared.
      """,
    remedy: """
      Run `virsh -r -c URI list` with the URI of the host. If that command fails, check the URI, \
      the network and libvirt's daemon (`systemctl status virtqemud libvirtd` on the host). Then \
      plan again.
      """,
    meaning: .hostUnobserved)

  package static let domainUnobserved = Rule(
    "domain-unobserved", .warns, "virtmem could not read the domain",
    fact: """
      virtmem could not read the domain, so virtmem does not know whether the domain is as \
      declared.
      """,
    remedy: "Run `virsh dumpxml DOMAIN`, correct the error that `virsh` shows, then plan again.")

  package static let noLongerManaged = Rule(
    "no-longer-managed", .warns, "the manifests no longer declare the domain or the field",
    fact: """
      The manifests of `--changed-from` declare the domain or the field, and the new manifests do \
      not. virtmem does not change what is not declared, so the present value stays.
      """,
    remedy: """
      If the former value has to come back, change it with `virsh`, or declare it once more and \
      apply. Otherwise no action is needed.
      """,
    meaning: .noLongerManaged)

  package static let plannedFromSnapshot = Rule(
    "planned-from-snapshot", .warns, "the plan uses a snapshot of the host",
    fact: """
      The plan is made for the state in the snapshot. If a domain has changed since the snapshot, \
      its steps are out of date, and `virtmem apply` leaves the domain unchanged.
      """,
    remedy: """
      No action is needed. If the plan is out of date, run `virtmem observe` and plan again.
      """)

  package static let takenForTransient = Rule(
    "taken-for-transient", .warns,
    "virtmem treats a domain with only a live definition as transient",
    fact: "A domain without a persistent definition has no next start.",
    remedy: """
      If the domain has a persistent definition, also pass the output of `virsh dumpxml --inactive \
      DOMAIN`.
      """)

  package static let hostMemoryUnknown = Rule(
    "host-memory-unknown", .warns, "the host's available memory is unknown",
    fact: """
      The host's driver does not report how much memory the host has available, so virtmem does \
      not keep the reserve free.
      """,
    remedy: """
      If the host needs no reserve, remove `reserve` from the Host. Otherwise check the host's \
      memory before you apply.
      """)

  package static let balloonSettlesAfterBoot = Rule(
    "balloon-settles-after-boot", .warns, about: [.currentMemory], "the guest may have just booted",
    fact: """
      After a start or a reset, a guest has all of its memory until its balloon driver loads. The \
      guest then moves to the persistent balloon target without virtmem.
      """,
    remedy: "Wait some seconds, then plan again.", meaning: .settling)

  package static let managedSaveShadows = Rule(
    "managed-save-shadows", .warns, "the next start resumes a saved image with the old values",
    fact: """
      A managed-save image holds the definition with which libvirt saved the domain, and the next \
      start uses that definition. The persistent definition takes effect at the start after the \
      next start. virtmem never removes an image.
      """,
    remedy: """
      Start the domain, shut it down and start it again. If the guest's state may be lost, remove \
      the image with `virsh managedsave-remove DOMAIN` instead.
      """)

  package static let managedSaveNotReadable = Rule(
    "managed-save-not-readable", .warns, "virtmem cannot read the managed-save image",
    fact: """
      The next start resumes the managed-save image, but the driver does not show the definition \
      in the image. virtmem compares only the persistent definition with the manifest.
      """,
    remedy: """
      No action is needed. The persistent values take effect at the start after the next start.
      """)

  package static let qemuCommandlineMemory = Rule(
    "qemu-commandline-memory", .warns, "the domain's <qemu:commandline> changes the memory",
    fact: """
      <qemu:commandline> gives arguments to QEMU that libvirt does not interpret. libvirt and \
      virtmem do not know the memory that these arguments add or change, so a plan does not show \
      all memory.
      """,
    remedy: """
      Replace these arguments by libvirt's own elements with `virsh edit DOMAIN`, or remove the \
      domain from the manifests.
      """)

  static let ofObservation = [
    hostUnobserved, domainUnobserved, noLongerManaged, plannedFromSnapshot, takenForTransient,
    hostMemoryUnknown, balloonSettlesAfterBoot, managedSaveShadows, managedSaveNotReadable,
    qemuCommandlineMemory,
  ]
}
