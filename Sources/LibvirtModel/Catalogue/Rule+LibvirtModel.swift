// SPDX-License-Identifier: Apache-2.0

package import MemoryModel

extension Rule {
  /// The rules of this module in the catalogue: what libvirt and the hypervisors refuse, or do in
  /// an unexpected way.
  package static let ofLibvirtModel: [Rule] = [
    ofCalls, ofHotplug, ofRedefinitions, ofBacking, ofBindings, ofCells, ofDevices, ofBlocks,
    ofMachines, ofVersions, ofPolicies, ofCautions, ofLimitCautions, ofStarts, ofHostPages,
  ].flatMap(\.self)
}
