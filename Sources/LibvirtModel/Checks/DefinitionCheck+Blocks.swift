// SPDX-License-Identifier: Apache-2.0

internal import MemoryModel

/// Checks of virtio-mem's block size and requested size.
extension DefinitionCheck {
  func checkBlock(_ device: MemoryDevice) throws(Refusal) {
    guard let block = device.block else { return }
    let field = device[.deviceBlock]
    if device.contradictionOfBlock != nil {
      try refuse(.virtioMemBlockPowerOfTwo, [field], "a block of \(block) is no power of two")
      return
    }
    if block < leastBlock {
      try refuse(.virtioMemBlockTooSmall, [field], "a block is at least \(leastBlock)")
    }
    if let page = behaviour.hugepage(behind: device, in: after), block < page {
      try refuse(
        .virtioMemBlockTooSmall, [field, device[.devicePageSize], .any(.hugepages)],
        "a block is at least a page of the memory behind it, \(page)")
    }
    // libvirt rounds the size up before it passes it to QEMU.
    let size = behaviour.aligned(device.fullSize)
    if size.bytes % block.bytes != 0 {
      try refuse(
        .virtioMemBlockMultiple, [device[.deviceSize], field],
        "the size of \(size) is no multiple of the block, \(block)")
    }
  }

  /// The smallest block: a transparent huge page, whose size libvirt reads from the host's kernel.
  private var leastBlock: MemorySize {
    guest.leastBlock(hostPage: behaviour.pageSizes.first)
  }

  func checkRequested(_ device: MemoryDevice) throws(Refusal) {
    guard let requested = device.requested else { return }
    let field = device[.deviceRequested]
    let bounds: [MemorySize] =
      switch requested {
      case .exactly(let size): [size]
      case .within(let range): [range.lowerBound, range.upperBound]
      }
    for bound in bounds {
      for contradiction in device.contradictions(ofRequested: bound) {
        switch contradiction {
        case .requestedAboveSize(_, let size):
          try refuse(
            .virtioMemRequestedAboveSize, [field, device[.deviceSize]],
            "\(bound) is requested of a device of \(size)")
        case .requestedNotOfBlocks(_, let block):
          try refuse(
            .virtioMemBlockMultiple, [field, device[.deviceBlock]],
            "the requested \(bound) is no multiple of the block, \(block)")
        default: break
        }
      }
    }
  }
}
