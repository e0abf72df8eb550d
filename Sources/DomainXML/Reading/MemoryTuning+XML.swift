// SPDX-License-Identifier: Apache-2.0
import MemoryModel

extension MemoryTuning {
  /// Reads `<memtune>`; missing limits are nil, which libvirt treats as unlimited.
  init(_ element: XMLElement) throws(DomainXMLError) {
    self.init()
    hardLimit = try element.child("hard_limit")?.limit()
    softLimit = try element.child("soft_limit")?.limit()
    swapHardLimit = try element.child("swap_hard_limit")?.limit()
    minGuarantee = try element.child("min_guarantee")?.size().map(Guarantee.size)
  }
}
