// SPDX-License-Identifier: Apache-2.0

import MemoryModel
import Testing

/// What users read of a host that has too little for a step.
@Suite struct HostShortageTests {
  @Test("a shortage right before a step tells the figures in sentences")
  func sentences() {
    var shortage = HostShortage(
      of: .memory, on: nil, needed: .gibibytes(2), left: .gibibytes(1))
    #expect(
      shortage.sentences == "2 GiB would be taken, and the host has 1 GiB above its reserve.")
    shortage.reading = HostShortage.Reading(available: .gibibytes(5), reserve: .gibibytes(4))
    #expect(
      shortage.sentences
        == "The step would take 2 GiB. The host has 5 GiB available now, and its reserve is 4 GiB.")
    shortage.promised = .mebibytes(512)
    #expect(
      shortage.sentences.hasSuffix(
        " Steps that were sent and whose results are unknown may still take 512 MiB."))
  }

  @Test("a shortage of a node or of huge pages names them")
  func places() {
    let pages = HostShortage(
      of: .hugepages(.mebibytes(2)), on: NodeSet([1...1]), needed: .mebibytes(128),
      left: .mebibytes(64))
    #expect(
      pages.sentences == "64 pages of 2 MiB would be taken on node 1, and 32 are free.")
    let nodes = HostShortage(
      of: .memory, on: NodeSet([0...1]), needed: .gibibytes(2), left: .gibibytes(1))
    #expect(
      nodes.sentences
        == "2 GiB would be taken on the nodes 0-1, and at most 1 GiB can be free there.")
  }
}
