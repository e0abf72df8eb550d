// SPDX-License-Identifier: Apache-2.0

// The reasons why a step of an apply fails or is not begun.
extension Rule {
  package static let accessDenied = Rule(
    "access-denied", .fails, "the user of the connection may not make the call",
    fact: """
      On the host, polkit decides who may connect to libvirt, and libvirt's ACLs decide which calls \
      a user may make and which domains a user sees.
      """,
    remedy: """
      Give the user of the connection the rights that are missing (examples/polkit has rules for \
      plan and for apply), or connect as another user; then plan again.
      """)

  package static let domainBusy = Rule(
    "domain-busy", .refuses, "the domain is being changed by something else",
    fact: "A domain that is being shut down, saved, dumped or migrated takes no change.",
    remedy: "Wait for it to end, then plan again.", failsSteps: true)

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

  /// The domain is as it was before the call.
  package static let callRefused = Rule(
    "call-refused", .fails, "libvirt refused the call",
    fact: "libvirt returned an error. Its message is shown, with the number of the error.",
    remedy: "Correct what the message names, then plan again.")

  package static let callUnsupported = Rule(
    "call-unsupported", .fails, "the driver does not have the call",
    fact: "The driver or this version of libvirt does not implement the call.",
    remedy: "Plan again: the plan then knows that the call is missing.")

  package static let connectionLost = Rule(
    "connection-lost", .fails, "the connection to libvirt broke",
    fact: """
      virtmem reconnects once. A call that was sent is not repeated: virtmem looks at the domain to \
      see whether it took effect.
      """,
    remedy: "Look at libvirt's daemon and at the network, then plan again.")

  package static let domainGone = Rule(
    "domain-gone", .fails, "libvirt no longer has the domain",
    fact: "The domain was undefined since the plan was made, or it was transient and stopped.",
    remedy: "Define the domain again or remove it from the manifests, then plan again.")

  package static let foreignChange = Rule(
    "foreign-change", .fails, "the domain was changed since the plan was made",
    fact: """
      A plan is applied only to a domain that is as the plan saw it. virtmem compares the domain \
      before its first step, the fields of each step before that step, and all fields at the end.
      """,
    remedy: "Plan again, and look at what the new plan changes.")

  /// The guest stood still for as long as `--timeout`.
  package static let guestDidNotFollow = Rule(
    "guest-did-not-follow", .fails, "the guest did not move its memory",
    fact: """
      libvirt accepted the call, but the guest decides whether it gives or takes memory. virtmem \
      waits for as long as the guest moves. A balloon's target is then set to what the guest holds, \
      so that a driver that is loaded later does not act on it.
      """,
    remedy: "Look whether the guest has loaded its balloon or virtio-mem driver, then plan again.")

  package static let interrupted = Rule(
    "interrupted", .fails, "the run was interrupted",
    fact: """
      After SIGINT or SIGTERM no further step begins. A call that was sent may still take effect.
      """,
    remedy: "Plan again: what was done is not done twice.")

  package static let needNotMet = Rule(
    "need-not-met", .fails, "a step that this one needs was not done",
    fact: """
      A guest that grows may need the memory that other guests of the host give back first \
      (`needs`). If they do not, the guest does not grow, and the host keeps its reserve.
      """,
    remedy: "Correct what stopped the other step, then plan again.")

  /// The domain stayed as it was.
  package static let noAnswer = Rule(
    "no-answer", .fails, "libvirt did not answer in time",
    fact: """
      libvirt did not answer the call within `--timeout`. The call is not repeated, because libvirt \
      may still perform it: virtmem looks at the domain for some seconds.
      """,
    remedy: "Look at libvirt's daemon and the domain's QEMU, then plan again.")

  package static let noEffect = Rule(
    "no-effect", .fails, "libvirt accepted the call, but it had no effect",
    fact: "libvirt returned success, and the definition does not have the value of the call.",
    remedy: "Report this with the versions of libvirt and QEMU: virtmem should know such a call.")

  package static let noUUID = Rule(
    "no-uuid", .fails, "the plan does not have the domain's UUID",
    fact: "virtmem finds a domain by its UUID, because another domain may have taken its name.",
    remedy: "Plan again from the host itself.")

  package static let notRecorded = Rule(
    "not-recorded", .fails, "the call could not be recorded and was not made",
    fact: "virtmem records every write before it makes it.",
    remedy: "Correct what the message names, a full disk perhaps, then apply again.")

  package static let outcomeUnknown = Rule(
    "outcome-unknown", .fails, "the call was sent, and the domain could not be observed since",
    fact: "Whether the call took effect is unknown. virtmem does not repeat it.",
    remedy: "Plan again when the host answers: the new plan shows what was done.")

  package static let hostLocked = Rule(
    "host-locked", .fails, "another apply is changing this host",
    fact: "On one machine, one apply at a time changes a host.",
    remedy: "Apply again when the other run has ended, or wait for it with --lock-timeout.")

  package static let lockUnusable = Rule(
    "lock-unusable", .fails, "the host's lock can't be used",
    fact: "virtmem changes a host only while it holds the host's lock.",
    remedy: "Correct what the message names, then apply again.")

  static let ofSteps = [
    accessDenied, domainBusy, guestDied, callRefused, callUnsupported, connectionLost, domainGone,
    foreignChange, guestDidNotFollow, hostLocked, interrupted, lockUnusable, needNotMet, noAnswer,
    noEffect, noUUID, notRecorded, outcomeUnknown,
  ]
}
