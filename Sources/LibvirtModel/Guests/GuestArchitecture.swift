// SPDX-License-Identifier: Apache-2.0

/// A group of guest architectures whose memory libvirt and QEMU treat the same way.
enum GuestArchitecture: Hashable, Sendable {
  /// i686 and x86_64.
  case x86
  /// 64-bit Arm.
  case aarch64
  /// 32-bit Arm: armv6l, armv7l and armv7b.
  case arm
  /// 64-bit POWER, big or little endian; libvirt rounds its memory up to whole blocks of 256 MiB.
  case ppc64
  /// IBM Z.
  case s390x
  /// RISC-V, 32-bit or 64-bit.
  case riscv
  /// LoongArch.
  case loongarch64
  /// Other architectures for which libvirt adds a balloon: alpha, mips, ppc, sh4 and sparc64.
  case otherWithBalloon
  /// Any other architecture; newer versions of libvirt add no balloon for it.
  case other

  /// Converts libvirt's name of an architecture; nil counts as x86.
  init(_ name: String?) {
    switch name {
    case nil, "x86_64", "i686": self = .x86
    case "aarch64": self = .aarch64
    case "armv6l", "armv7l", "armv7b": self = .arm
    case "ppc64", "ppc64le": self = .ppc64
    case "s390", "s390x": self = .s390x
    case "riscv32", "riscv64": self = .riscv
    case "loongarch64": self = .loongarch64
    case "alpha", "ppc", "ppcemb", "sh4", "sh4eb", "sparc64", "mips", "mipsel", "mips64",
      "mips64el":
      self = .otherWithBalloon
    default: self = .other
    }
  }
}

/// A group of machine types whose memory libvirt and QEMU treat the same way.
enum GuestMachine: Hashable, Sendable {
  /// The usual machine type of its architecture: pc, q35, virt, pseries or s390-ccw-virtio.
  case usual
  /// The PC without PCI (`isapc`), into which QEMU plugs no memory.
  case isapc
  /// The x86 machine without PCI and firmware tables (`microvm`).
  case microvm
  /// A machine type that models a board: QEMU plugs no memory into it, but it can have NUMA cells.
  case boardWithCells
  /// Any other machine type that models a board: without pluggable memory and without NUMA cells.
  case board

  /// Converts libvirt's name of a machine type; nil counts as the usual one.
  init(_ name: String?, of architecture: GuestArchitecture) {
    guard let name else {
      self = .usual
      return
    }
    let usual: String? =
      switch architecture {
      case .aarch64, .arm, .riscv, .loongarch64: "virt"
      case .ppc64: "pseries"
      case .x86, .s390x: nil
      case .otherWithBalloon, .other: ""
      }
    switch (architecture, name) {
    case (.x86, "isapc"): self = .isapc
    case (.x86, "microvm"): self = .microvm
    case (.aarch64, "sbsa-ref"), (.riscv, "spike"): self = .boardWithCells
    // The name may end with a version, as in virt-7.2.
    default:
      let isUsual = usual.map { !$0.isEmpty && (name == $0 || name.hasPrefix("\($0)-")) } ?? true
      self = isUsual ? .usual : .board
    }
  }
}
