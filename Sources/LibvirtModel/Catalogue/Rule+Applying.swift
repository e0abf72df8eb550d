// SPDX-License-Identifier: Apache-2.0

package import MemoryModel

/// What ends a step of a plan that is being applied.
extension Rule {
  /// A live step needs a running guest, and the guest stopped running while its plan was applied.
  package static let guestDied = Rule(
    "guest-died", .fails, "the guest stopped running while its plan was applied",
    fact: """
      A live step needs a running guest. Before each, and while its effect is waited for, the \
      domain is looked at. libvirt's reason is told: `crashed` where QEMU ended by itself or was \
      killed, the host's out-of-memory killer included; `destroyed` and `shutdown` where a person \
      or a program asked for it; `saved`, `migrated`, `failed`. What was written before stays, and \
      the rest of the domain's steps are left.
      """,
    remedy: """
      Find out why it stopped (QEMU's log in /var/log/libvirt/qemu, the kernel's log), start it, \
      then plan again.
      """)

  static let ofApplying = [guestDied]
}
