// SPDX-License-Identifier: Apache-2.0

package import MemoryModel

/// Rules about calls that libvirt or its drivers refuse, or accept without an effect.
extension Rule {
  package static let setmaxmemNeverLive = Rule(
    "setmaxmem-never-live", .refuses, about: [.memory],
    "RAM at boot cannot change while the domain runs",
    fact: """
      libvirt refuses virDomainSetMemoryFlags(MAXIMUM) on the live definition of an active domain.
      """,
    remedy: """
      Shut the domain down (`virsh shutdown DOMAIN`) and start it again (`virsh start DOMAIN`). If \
      the domain is transient, create it again with the new value (`virsh create FILE`).
      """, isLiftedByStart: true,
    meaning: .neverLive)

  package static let setmaxmemWithNUMACells = Rule(
    "setmaxmem-with-numa-cells", .refuses, about: [.memory],
    "the guest's NUMA cells determine its memory",
    fact: """
      libvirt refuses to set the initial memory of a domain with NUMA cells. Only a redefinition \
      of the cells changes the memory.
      """,
    remedy: "No action is needed: virtmem redefines a NUMA cell instead of making this call.",
    isLiftedByRedefinition: true)

  package static let memoryAboveMaxMemory = Rule(
    "memory-above-max-memory", .refuses,
    about: [.memory, .maxMemorySize, .any(.cellMemory), .any(.deviceSize)],
    "RAM at boot plus memory devices would exceed maxMemory",
    fact: "<maxMemory> limits the sum of RAM at boot and the full sizes of all memory devices.",
    remedy: """
      Lower `memory`, the `memory` of a NUMA cell or the `size` of a device, or raise \
      `maxMemory.size`.
      """, isLiftedByStart: true)

  package static let memoryBelowCurrentMemory = Rule(
    "memory-below-current-memory", .refuses, about: [.memory, .currentMemory],
    "a lower memory would also lower currentMemory",
    fact: """
      If the maximum memory falls below the persistent <currentMemory>, libvirt silently lowers \
      <currentMemory>. virtmem does not change a field that the manifest does not declare.
      """,
    remedy: """
      Declare a `currentMemory` of at most the new RAM at boot plus the DIMMs. If the manifest \
      declares a higher `currentMemory`, lower that value.
      """)

  package static let currentMemoryAboveReach = Rule(
    "current-memory-above-reach", .refuses, about: [.currentMemory],
    "currentMemory would exceed RAM at boot plus DIMMs",
    fact: """
      A balloon gives a guest at most its RAM at boot plus its DIMMs; virtio-mem, nvdimm and \
      virtio-pmem devices do not count. libvirt silently lowers some higher values, and accepts \
      others that the guest never reaches.
      """,
    remedy: "Lower `currentMemory` to at most RAM at boot plus DIMMs, or raise `memory`.",
    isLiftedByStart: true, remedyField: .memory)

  package static let noBalloonDevice = Rule(
    "no-balloon-device", .refuses,
    about: [.currentMemory, .statsPeriod, .any(.autodeflate), .any(.freePageReporting)],
    "the domain has no balloon device",
    fact: """
      A guest without a balloon device always has all of its memory, whatever <currentMemory> \
      says. Such a guest reports no memory statistics.
      """,
    remedy: "Declare `memballoon.model: virtio`, or remove the field from the manifest.",
    isLiftedByStart: true, remedyField: FieldPath(.balloonModel))

  package static let liveNeedsRunningDomain = Rule(
    "live-needs-running-domain", .refuses, "the domain is not running",
    fact: "libvirt refuses a live change of a domain that is not active.",
    remedy: """
      Start the domain with `virsh start DOMAIN`, then plan again. If the change can wait for the \
      next start, no action is needed.
      """)

  package static let persistentNeedsDefinition = Rule(
    "persistent-needs-definition", .refuses,
    "the domain is transient and has no persistent definition",
    fact: """
      A transient domain has no persistent definition. virtmem never adds a persistent definition, \
      because the domain would then no longer be transient.
      """,
    remedy: "If the domain should remain after its guest stops, run `virsh define FILE`.")

  package static let hardLimitAboveSwapHardLimit = Rule(
    "hard-limit-above-swap-hard-limit", .refuses, about: [.hardLimit, .swapHardLimit],
    "hardLimit would be above swapHardLimit",
    fact: """
      libvirt refuses a hard_limit above swap_hard_limit. A limit that is not set counts as \
      unlimited.
      """,
    remedy: """
      Lower `memtune.hardLimit` to at most `memtune.swapHardLimit`, or raise \
      `memtune.swapHardLimit`. If the manifest declares only one of the two limits, declare the \
      other limit too.
      """,
    isLiftedByStart: true)

  package static let minGuaranteeNotQEMU = Rule(
    "min-guarantee-not-qemu", .refuses, about: [.minGuarantee],
    "the hypervisor has no min_guarantee",
    fact: """
      Only libvirt's drivers for ESX and OpenVZ have min_guarantee. The drivers for QEMU and for \
      other hypervisors refuse it.
      """,
    remedy: """
      Remove `memtune.minGuarantee` from the manifest, or write `unmanaged` as its value in this \
      domain.
      """)

  package static let memtuneSessionMode = Rule(
    "memtune-session-mode", .refuses,
    about: [.hardLimit, .softLimit, .swapHardLimit, .minGuarantee],
    "libvirt has no memory tuning in session mode",
    fact: """
      In session mode, libvirt refuses to read or set memory tuning on the live and on the \
      persistent definition.
      """,
    remedy: """
      Remove `memtune` from the manifest. If the domain needs limits, define the domain in the \
      system daemon (`qemu:///system`) instead of the session daemon.
      """)

  package static let driverHasNoCall = Rule(
    "driver-has-no-call", .refuses,
    "the hypervisor's driver in libvirt has no call for this change",
    fact: """
      The hypervisor's driver in libvirt does not implement the call. A redefinition and a start \
      make the same change.
      """,
    remedy: """
      Shut the domain down (`virsh shutdown DOMAIN`) and start it again (`virsh start DOMAIN`). If \
      the domain is transient, create it again with the new value (`virsh create FILE`).
      """, isLiftedByStart: true,
    isLiftedByRedefinition: true)

  package static let driverHasNoKnob = Rule(
    "driver-has-no-knob", .refuses, "the hypervisor's driver in libvirt cannot change this field",
    fact: "The hypervisor's driver in libvirt has no setting for this field.",
    remedy: "Remove the field from the manifest, or write `unmanaged` as its value in this domain.",
    isLiftedByStart: true)

  package static let guestNotRunning = Rule(
    "guest-not-running", .refuses,
    about: [.currentMemory, .any(.deviceState), .any(.deviceRequested)],
    "the guest is paused, asleep or crashed, so its memory cannot change",
    fact: """
      libvirt accepts the call for a guest that is paused, asleep or crashed, but the guest does \
      not give or take memory. virtmem then changes neither definition, so that the live and the \
      persistent definition do not diverge.
      """,
    remedy: """
      Resume a paused guest with `virsh resume DOMAIN`, wake a sleeping guest with `virsh \
      dompmwakeup DOMAIN`, or reset a crashed guest with `virsh reset DOMAIN`. Then plan again.
      """)

  package static let needsPowerOff = Rule(
    "needs-power-off", .refuses, about: [.memory, .currentMemory],
    "the change is possible only while the domain is powered off",
    fact: """
      A domain on ESX or Hyper-V has one definition, and no second definition for the next start. \
      ESX and Hyper-V change RAM at boot only while the domain is powered off. A change that \
      `policy.disruption` does not allow on a running guest also waits for the power-off.
      """,
    remedy: "Power the domain off with `virsh shutdown DOMAIN`, then plan again.")

  package static let callWithoutEffect = Rule(
    "call-without-effect", .refuses, "no libvirt call achieves this change",
    fact: "libvirt would accept the call, but the definition would not have the declared value.",
    remedy: """
      Look at the definition with `virsh dumpxml --inactive DOMAIN`: elements of the definition \
      may contradict each other.
      """)

  static let ofCalls = [
    setmaxmemNeverLive, setmaxmemWithNUMACells, memoryAboveMaxMemory, memoryBelowCurrentMemory,
    currentMemoryAboveReach, noBalloonDevice, liveNeedsRunningDomain, persistentNeedsDefinition,
    hardLimitAboveSwapHardLimit, minGuaranteeNotQEMU, memtuneSessionMode, driverHasNoKnob,
    driverHasNoCall, guestNotRunning, needsPowerOff, callWithoutEffect,
  ]
}
