// SPDX-License-Identifier: Apache-2.0

// The reasons why a step of an apply fails or is not begun.
extension Rule {
  package static let accessDenied = Rule(
    "access-denied", .fails, "the user of the connection has no permission for the call",
    fact: """
      On the host, polkit decides who may connect to libvirt. libvirt's ACLs decide which calls a \
      user may make and which domains a user sees.
      """,
    remedy: """
      If libvirt refuses the connection, add the user of the connection to the group `libvirt` on \
      the host. If libvirt refuses a call or a domain, give the user the missing rights in polkit \
      (examples/polkit has rules for plan and for apply). Then plan again.
      """)

  package static let domainBusy = Rule(
    "domain-busy", .refuses, "another operation is changing the domain",
    fact: """
      libvirt makes no change to a domain while the domain is being shut down, saved, dumped or \
      migrated, or while QEMU does not answer.
      """,
    remedy: """
      Run `virsh domjobinfo DOMAIN`. If the domain has a job or is shutting down, wait until that \
      operation ends. If the domain has no job, check whether QEMU hangs. Then plan again.
      """, failsSteps: true)

  package static let guestDied = Rule(
    "guest-died", .fails, "the guest stopped running while virtmem applied its plan",
    fact: """
      A live step needs a running guest. virtmem checks the domain before each live step, and \
      while it waits for the effect of the step. libvirt reports a reason: `crashed` if QEMU ended \
      by itself or was killed, also by the host's out-of-memory killer; `destroyed` or `shutdown` \
      if a person or a program asked for the stop; or `saved`, `migrated` or `failed`. The steps \
      before the failed step stay in effect, and virtmem skips the domain's other steps.
      """,
    remedy: """
      Find the cause in QEMU's log in /var/log/libvirt/qemu and in the kernel's log. Start the \
      domain with `virsh start DOMAIN`, then plan again.
      """)

  /// The domain is as it was before the call.
  package static let callRefused = Rule(
    "call-refused", .fails, "libvirt refused the call",
    fact: "libvirt returned an error. virtmem shows the message and the number of the error.",
    remedy: "Correct what the message names, then plan again.")

  package static let callUnsupported = Rule(
    "call-unsupported", .fails, "the driver does not support the call",
    fact: "The driver or this version of libvirt does not implement the call.",
    remedy: "Plan again: virtmem then plans without this call.")

  package static let connectionLost = Rule(
    "connection-lost", .fails, "the connection to libvirt broke",
    fact: """
      virtmem reconnects once. virtmem does not repeat a call that it sent, but reads the domain \
      to see whether the call took effect.
      """,
    remedy: """
      Check libvirt's daemon (`systemctl status virtqemud libvirtd` on the host) and the network, \
      then plan again.
      """)

  package static let domainGone = Rule(
    "domain-gone", .fails, "libvirt no longer has the domain",
    fact: """
      Since the plan was made, the domain was undefined, or the domain was transient and stopped.
      """,
    remedy: """
      Define the domain again with `virsh define FILE`, or remove the domain from the manifests. \
      Then plan again.
      """)

  package static let foreignChange = Rule(
    "foreign-change", .fails, "the domain was changed since the plan was made",
    fact: """
      virtmem applies a plan only to a domain that is still as the plan saw it. virtmem compares \
      the domain before its first step, the fields of each step before that step, and all fields \
      at the end.
      """,
    remedy: "Plan again, and check what the new plan changes.")

  /// The guest stood still for as long as `--timeout`.
  package static let guestDidNotFollow = Rule(
    "guest-did-not-follow", .fails, "the guest did not give or take the memory",
    fact: """
      libvirt accepted the call, but the guest decides whether it gives or takes memory. virtmem \
      waits as long as the guest's memory changes. virtmem then sets the balloon target back to \
      what the guest holds, so that a driver that loads later does not act on the old target.
      """,
    remedy: "Check whether the guest has loaded its balloon or virtio-mem driver, then plan again.")

  package static let interrupted = Rule(
    "interrupted", .fails, "the run was interrupted",
    fact: """
      After SIGINT or SIGTERM, virtmem begins no further step. A call that virtmem sent before may \
      still take effect.
      """,
    remedy: "Plan again: the new plan contains only what is still to be done.")

  package static let maxFailuresReached = Rule(
    "max-failures-reached", .fails, "more domains failed than --max-failures allows",
    fact: """
      `--max-failures N` lets virtmem begin no further domain after more than N domains of the run \
      failed or were stale. `--max-failures P%` counts P percent of the domains with steps, rounded \
      down. The domains that virtmem had begun go on.
      """,
    remedy: "Correct what made the other domains fail, then apply again.", meaning: .braked)

  package static let deadlinePassed = Rule(
    "deadline-passed", .fails, "the time that --deadline allows has passed",
    fact: """
      After `--deadline`, counted from the approval, virtmem begins no further step. A step that \
      it had begun goes on until its own end.
      """,
    remedy: "Apply again to go on, with more time or with a higher `--parallel`.",
    meaning: .braked)

  package static let needNotMet = Rule(
    "need-not-met", .fails, "another step, which this step needs, was not done",
    fact: """
      A guest that grows may need memory that other guests of the host must give back first \
      (`needs`). If the other guests do not give the memory back, the guest does not grow, and the \
      host keeps its reserve.
      """,
    remedy: "Correct what stopped the other step, then plan again.")

  /// The domain stayed as it was.
  package static let noAnswer = Rule(
    "no-answer", .fails, "libvirt did not answer in time",
    fact: """
      libvirt did not answer the call within `--timeout`. virtmem does not repeat the call, \
      because libvirt may still perform it. virtmem reads the domain for some seconds.
      """,
    remedy: """
      Check libvirt's daemon (`systemctl status virtqemud libvirtd` on the host) and the domain's \
      QEMU, then plan again.
      """)

  package static let noEffect = Rule(
    "no-effect", .fails, "libvirt accepted the call, but the call had no effect",
    fact: "libvirt returned success, but the definition does not have the value of the call.",
    remedy: """
      Report this as an error of virtmem, with the versions of libvirt and QEMU. virtmem should \
      not plan such a call.
      """)

  package static let noUUID = Rule(
    "no-uuid", .fails, "the plan does not have the domain's UUID",
    fact: "virtmem finds a domain by its UUID, because another domain may have taken its name.",
    remedy: "Make a new plan from the host itself.")

  package static let notRecorded = Rule(
    "not-recorded", .fails, "virtmem could not record the call, so it did not make the call",
    fact: "virtmem records every write before it makes the write.",
    remedy: "Correct what the message names, for example a full disk, then apply again.")

  package static let reserveReached = Rule(
    "reserve-reached", .fails, "the host has too little memory for the step now",
    fact: """
      virtmem reads the host's memory anew before each step that takes some, because other guests \
      and programs take memory too. It does not send a step that would bring the host below its \
      reserve, or that takes more than the guest's nodes or their huge pages have.
      """,
    remedy: """
      Plan again: the new plan counts what the host has now. Free memory on the host, or lower the \
      `reserve` of the Host.
      """)

  package static let outcomeUnknown = Rule(
    "outcome-unknown", .fails, "virtmem sent the call, but could not read the domain afterwards",
    fact: "virtmem does not know whether the call took effect, and does not repeat the call.",
    remedy: "Plan again when the host answers: the new plan shows what is still to be done.")

  package static let hostLocked = Rule(
    "host-locked", .fails, "another run of apply is changing this host",
    fact: "On one machine, only one run of apply at a time changes a host.",
    remedy: """
      Apply again when the other run has ended, or wait for the other run with `--lock-timeout`.
      """)

  package static let lockUnusable = Rule(
    "lock-unusable", .fails, "virtmem cannot use the host's lock",
    fact: "virtmem changes a host only while it holds the host's lock.",
    remedy: "Correct what the message names, then apply again.")

  static let ofSteps = [
    accessDenied, domainBusy, guestDied, callRefused, callUnsupported, connectionLost,
    deadlinePassed, domainGone, foreignChange, guestDidNotFollow, hostLocked, interrupted,
    lockUnusable, maxFailuresReached, needNotMet, noAnswer, noEffect, noUUID, notRecorded,
    outcomeUnknown, reserveReached,
  ]
}
