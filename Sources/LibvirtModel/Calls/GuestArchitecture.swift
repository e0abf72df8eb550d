// SPDX-License-Identifier: Apache-2.0

/// The architectures that libvirt and QEMU treat alike where memory is concerned.
enum GuestArchitecture: Hashable, Sendable {
  /// i686 and x86_64.
  case x86
  /// 64-bit Arm.
  case aarch64
  /// 32-bit Arm of any kind.
  case arm
  /// 64-bit POWER of either byte order, whose memory comes in blocks of 256 MiB.
  case ppc64
  /// IBM Z.
  case s390x
  /// RISC-V of 32 or 64 bits.
  case riscv
  /// LoongArch.
  case loongarch64
  /// Another to which libvirt gives a balloon: alpha, mips, ppc, sh4 and sparc64.
  case otherWithBalloon
  /// Any other, to which newer versions give none.
  case other

  /// The architecture that libvirt calls `name`; one that is not told is taken for x86.
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

/// The machine types that differ where memory is concerned.
enum GuestMachine: Hashable, Sendable {
  /// The usual one of its architecture: pc, q35, virt, pseries, s390-ccw-virtio.
  case usual
  /// The PC without PCI, of which memory can't be plugged.
  case isapc
  /// The x86 machine without PCI and firmware tables.
  case microvm
  /// A machine that is modelled on a board, of which memory can't be plugged, but with NUMA cells.
  case boardWithCells
  /// Any other that is modelled on a board; it has neither.
  case board

  /// The machine that libvirt calls `name`; one that is not told is the usual one.
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
    // A version follows the name, as in virt-7.2.
    default:
      let isUsual = usual.map { !$0.isEmpty && (name == $0 || name.hasPrefix("\($0)-")) } ?? true
      self = isUsual ? .usual : .board
    }
  }
}
