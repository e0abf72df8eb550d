// SPDX-License-Identifier: Apache-2.0

package import MemoryModel

extension Rule {
  /// The contribution of this module to the catalogue: what libvirt and the hypervisors refuse, or
  /// do otherwise than one would expect.
  package static let ofLibvirtModel: [Rule] = [
    ofCalls, ofHotplug, ofRedefinitions, ofBacking, ofBindings, ofCells, ofDevices, ofBlocks,
    ofMachines, ofVersions, ofPolicies, ofWarnings, ofCautions, ofStarts,
  ].flatMap(\.self)
}
