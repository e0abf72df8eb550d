// SPDX-License-Identifier: Apache-2.0
import MemoryModel

extension MemoryBalloon {
  /// Reads `<memballoon>`.
  init(_ element: XMLElement) throws(DomainXMLError) {
    self.init()
    model = try element.word("model", as: BalloonModel.self)
    autodeflate = try element.isOn("autodeflate")
    freePageReporting = try element.isOn("freePageReporting")
    guard let stats = element.child("stats"), let period = stats.attribute("period") else { return }
    guard let seconds = LibvirtNumber.signed(period) else {
      throw stats.error("period='\(period)' is no whole number of seconds up to 2147483647.")
    }
    // libvirt treats a negative period as zero, which means no statistics.
    statsPeriod = StatisticsPeriod(seconds: UInt64(max(0, seconds)))
  }
}
