// SPDX-License-Identifier: Apache-2.0

package import MemoryModel

extension ObservedHost {
  /// Remarks about the host's driver and versions, each with the value found.
  ///
  /// A plan reports each of them once for the host.
  package var remarks: [(rule: Rule, detail: String)] {
    var remarks: [(Rule, String)] = []
    if driver != .qemu && driver != .test {
      remarks.append((.driverNotTried, "The host's driver is \(driver.name)."))
    }
    let text = "The host has libvirt \(libvirt)."
    let newest = Version.newestKnownLibvirt
    if libvirt < .oldestSupportedLibvirt {
      remarks.append((.libvirtOlderThanSupported, text))
    } else if (libvirt.major, libvirt.minor) > (newest.major, newest.minor) {
      remarks.append((.libvirtNewerThanKnown, text))
    }
    if driver == .qemu, let version = hypervisor?.version, version < .oldestSupportedQEMU {
      remarks.append((.qemuOlderThanSupported, "The host has QEMU \(version)."))
    }
    return remarks
  }
}
