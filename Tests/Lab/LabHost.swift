// SPDX-License-Identifier: Apache-2.0
import Foundation

/// The libvirtd and QEMU that the lab runs: the system's, or those of another Debian release.
struct LabHost: CustomStringConvertible {
  /// `system`, or a suite that `build-chroot` builds.
  let description: String

  /// The host called `name`; the system by default.
  init(_ name: String?) throws {
    description = name.flatMap { $0.isEmpty ? nil : $0 } ?? "system"
    guard description.wholeMatch(of: /[a-z][a-z-]*/) != nil else {
      throw LabError("LAB_HOST is '\(description)', which is neither 'system' nor a suite.")
    }
  }

  /// Whether this run's lab is the system's; tests of what only that has ask for this.
  static var isSystem: Bool {
    ["", "system"].contains(ProcessInfo.processInfo.environment["LAB_HOST"] ?? "")
  }

  /// The suite to build as a chroot; nil for the system.
  var suite: String? { description == "system" ? nil : description }

  /// Throws an error that names the missing packages.
  func checkPackages() throws {
    guard geteuid() == 0 else {
      throw LabError("The lab runs a libvirtd of its own, which only root may.")
    }
    let drivers = "/usr/lib/x86_64-linux-gnu/libvirt/connection-driver"
    let system = [
      ("/usr/sbin/libvirtd", "libvirt-daemon libvirt-daemon-system"),
      ("\(drivers)/libvirt_driver_qemu.so", "libvirt-daemon-driver-qemu"),
      ("/usr/bin/qemu-system-x86_64", "qemu-system-x86"),
      ("/usr/bin/dbus-daemon", "dbus-daemon"), ("/usr/lib/polkit-1/polkitd", "polkitd"),
    ]
    let needed =
      [("/usr/bin/virsh", "libvirt-clients"), ("/bin/busybox", "busybox-static")]
      + (suite == nil ? system : [("/usr/sbin/debootstrap", "debootstrap")])
    let missing = needed.filter { !FileManager.default.fileExists(atPath: $0.0) }.map(\.1)
    guard missing.isEmpty else {
      throw LabError(
        """
        The lab needs packages that are not installed: \(missing.joined(separator: " ")). \
        `make lab` or `make lab-matrix` installs them.
        """)
    }
  }
}
