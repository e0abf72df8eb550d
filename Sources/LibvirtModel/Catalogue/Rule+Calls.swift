// SPDX-License-Identifier: Apache-2.0

package import MemoryModel

/// Rules about calls that libvirt or its drivers refuse, or accept without an effect.
extension Rule {
  package static let setmaxmemNeverLive = Rule(
    "setmaxmem-never-live", .refuses, about: [.memory],
    "RAM at boot can't change while the domain runs",
    fact: "libvirt refuses virDomainSetMemoryFlags(MAXIMUM) on an active domain's live definition.",
    remedy: "Change the persistent definition and power-cycle the domain.", isLiftedByStart: true,
    meaning: .neverLive)

  package static let setmaxmemWithNUMACells = Rule(
    "setmaxmem-with-numa-cells", .refuses, about: [.memory],
    "the guest has NUMA cells, whose sum is its memory",
    fact: """
      libvirt refuses to set the initial memory of a domain with NUMA cells; only a redefinition \
      of the cells changes it.
      """,
    remedy: "Nothing has to be done: one cell is redefined in place of the call.",
    isLiftedByRedefinition: true)

  package static let memoryAboveMaxMemory = Rule(
    "memory-above-max-memory", .refuses,
    about: [.memory, .maxMemorySize, .any(.cellMemory), .any(.deviceSize)],
    "memory would not fit below <maxMemory>",
    fact: "<maxMemory> bounds RAM at boot plus the full sizes of all memory devices.",
    remedy: "Ask for less memory, or declare a larger `maxMemory`.", isLiftedByStart: true)

  package static let memoryBelowCurrentMemory = Rule(
    "memory-below-current-memory", .refuses, about: [.memory, .currentMemory],
    "memory would fall below the current memory",
    fact: """
      libvirt lowers the persistent <currentMemory> without a word when the maximum falls below it, \
      and what is not declared is not touched.
      """,
    remedy: "Declare `currentMemory`, at most the new `memory` plus the DIMMs.")

  package static let currentMemoryAboveReach = Rule(
    "current-memory-above-reach", .refuses, about: [.currentMemory],
    "currentMemory is above what the guest has",
    fact: """
      A balloon gives a guest at most its RAM at boot plus its DIMMs; virtio-mem, nvdimm and pmem \
      do not count. libvirt clamps some of such values without a word and accepts others that are \
      never reached.
      """,
    remedy: "Ask for less currentMemory, or for more `memory`.", isLiftedByStart: true)

  package static let noBalloonDevice = Rule(
    "no-balloon-device", .refuses,
    about: [.currentMemory, .statsPeriod, .any(.autodeflate), .any(.freePageReporting)],
    "the domain has no balloon device",
    fact: """
      Without a balloon device a guest always has all of its memory, whatever <currentMemory> says, \
      and reports no statistics.
      """,
    remedy: """
      Declare `memballoon.model: virtio`, or take the field out of the manifest.
      """, isLiftedByStart: true, remedyField: FieldPath(.balloonModel))

  package static let liveNeedsRunningDomain = Rule(
    "live-needs-running-domain", .refuses, "the domain is not running",
    fact: "libvirt refuses a live change of a domain that is not active.",
    remedy: "Start the domain, or leave the change to its next start.")

  package static let persistentNeedsDefinition = Rule(
    "persistent-needs-definition", .refuses, "the domain is transient",
    fact: """
      A transient domain has no persistent definition, and virtmem never gives it one: that would \
      make it persistent.
      """,
    remedy: "Define the domain if it should outlive its guest.")

  package static let hardLimitAboveSwapHardLimit = Rule(
    "hard-limit-above-swap-hard-limit", .refuses, about: [.hardLimit, .swapHardLimit],
    "hardLimit would be above swapHardLimit",
    fact: "libvirt wants hard_limit at most swap_hard_limit, whichever of them is set.",
    remedy: "Declare both, hardLimit at most swapHardLimit, or `swapHardLimit: unlimited`.",
    isLiftedByStart: true)

  package static let minGuaranteeNotQEMU = Rule(
    "min-guarantee-not-qemu", .refuses, about: [.minGuarantee], "QEMU has no min_guarantee",
    fact: "Only ESX knows min_guarantee; QEMU and every other driver refuse it.",
    remedy: "Take `minGuarantee` out of the manifest, or out of this domain with `unmanaged`.")

  package static let memtuneSessionMode = Rule(
    "memtune-session-mode", .refuses,
    about: [.hardLimit, .softLimit, .swapHardLimit, .minGuarantee],
    "memory tuning is not available in session mode",
    fact: "In session mode libvirt refuses to read or set memory tuning on either definition.",
    remedy: "Connect to the system daemon, or take `memtune` out of the manifest.")

  package static let driverHasNoCall = Rule(
    "driver-has-no-call", .refuses, "the driver has no call for it",
    fact: """
      The hypervisor's driver in libvirt does not implement the call; a redefinition and a start \
      do the same.
      """,
    remedy: "Power-cycle the domain when it suits.", isLiftedByStart: true,
    isLiftedByRedefinition: true)

  package static let driverHasNoKnob = Rule(
    "driver-has-no-knob", .refuses, "the driver has no call for it",
    fact: "The hypervisor's driver in libvirt has nothing that this field could change.",
    remedy: "Take the field out of the manifest, or out of this domain with `unmanaged`.",
    isLiftedByStart: true)

  package static let guestNotRunning = Rule(
    "guest-not-running", .refuses,
    about: [.currentMemory, .any(.deviceState), .any(.deviceRequested)],
    "the guest does not run, so its memory can't move",
    fact: """
      libvirt accepts the call for a guest that is paused, asleep or crashed, and nothing moves. \
      Both definitions are left as they are, so that they stay together.
      """,
    remedy: "Let the guest run again, then plan again.")

  package static let needsPowerOff = Rule(
    "needs-power-off", .refuses, about: [.memory, .currentMemory],
    "the domain has to be powered off for it",
    fact: """
      ESX and Hyper-V have one definition of a domain, and none that a next start would use. They \
      change RAM at boot only while the domain is off; what a policy keeps from a running guest \
      waits for that too.
      """,
    remedy: "Power the domain off, then plan again.")

  package static let callWithoutEffect = Rule(
    "call-without-effect", .refuses, "no call is known that would bring it about",
    fact: "libvirt would accept the call, and the definition would not be what is asked for.",
    remedy: "Look at the domain with `virsh dumpxml`; its definition may contradict itself.")

  static let ofCalls = [
    setmaxmemNeverLive, setmaxmemWithNUMACells, memoryAboveMaxMemory, memoryBelowCurrentMemory,
    currentMemoryAboveReach, noBalloonDevice, liveNeedsRunningDomain, persistentNeedsDefinition,
    hardLimitAboveSwapHardLimit, minGuaranteeNotQEMU, memtuneSessionMode, driverHasNoKnob,
    driverHasNoCall, guestNotRunning, needsPowerOff, callWithoutEffect,
  ]
}
