// SPDX-License-Identifier: Apache-2.0
import MemoryModel

/// Random definitions of all kinds, for the soak.
extension RandomDomain {
  /// A definition with all kinds of memory settings; libvirt accepts most of them.
  ///
  /// `folder` holds the files behind memory devices.
  mutating func anyDefinition(filesIn folder: String) -> GuestDefinition {
    var definition = GuestDefinition()
    definition.vcpus = Int(between(1, 4))
    let count = Int(pick([0, 0, 1, 1, 2, 3]))
    definition.cells = (0..<count).map { _ in size(32, 128) }
    definition.cellAttributes = cellAttributes(count, vcpus: definition.vcpus)
    let boot = count == 0 ? size(96, 384) : definition.cells.reduce(0, +)
    var total = boot
    var slots: UInt64 = 0
    if !oneIn(3) {
      for number in 0..<between(0, 3) where count > 0 || oneIn(12) {
        let device = anyDevice("\(folder)/f\(number)", cells: count)
        definition.devices += device.xml
        total += device.kibibytes
        slots += 1
      }
    }
    var memory = ""
    if slots > 0 || oneIn(3) {
      let words = oneIn(6) ? "" : "slots='\(between(max(1, slots), 16))'"
      let ceiling = oneIn(8) ? total : total + between(1, 600_000)
      memory += "<maxMemory \(words)>\(ceiling)</maxMemory>"
    }
    memory += "<memory\(oneIn(6) ? " dumpCore='off'" : "")>\(total)</memory>"
    if oneIn(2) { memory += "<currentMemory>\(between(32_768, total + 1000))</currentMemory>" }
    definition.memory = memory + limitElements() + backingElements(cells: count)
    definition.more = bindingElements(cells: count)
    definition.balloon = anyBalloon()
    return definition
  }

  /// A size in KiB, half of the time in whole MiB.
  private mutating func size(_ low: UInt64, _ high: UInt64) -> UInt64 {
    oneIn(2) ? between(low, high) << 10 : between(low << 10, high << 10)
  }

  private mutating func cellAttributes(_ count: Int, vcpus: Int) -> [String] {
    var free = Array(0..<vcpus)
    return (0..<count).map { _ in
      var words: [String] = []
      if !free.isEmpty && !oneIn(4) {
        let own = (0..<Int(between(1, UInt64(free.count)))).map { _ in free.removeFirst() }
        words.append("cpus='\(own.map(String.init).joined(separator: ","))'")
      }
      if oneIn(4) { words.append("memAccess='\(pick(["shared", "private"]))'") }
      if oneIn(6) { words.append("discard='\(pick(["yes", "no"]))'") }
      return words.joined(separator: " ")
    }
  }

  // MARK: Devices

  private mutating func anyDevice(
    _ file: String, cells: Int
  ) -> (xml: String, kibibytes: UInt64) {
    let node = "<node>\(between(0, UInt64(max(1, cells)) - 1))</node>"
    let access = oneIn(4) ? " access='\(pick(["shared", "private"]))'" : ""
    let alias = oneIn(2) ? "<alias name='ua-d\(between(0, 1 << 40))'/>" : ""
    func xml(_ model: String, _ words: String, _ source: String, _ target: String) -> String {
      """
      <memory model='\(model)'\(words)>\(source)<target>\(target)</target>\(alias)</memory>
      """
    }
    switch next() % 6 {
    case 0, 1:
      let size = oneIn(3) ? between(60_000, 140_000) : between(30, 70) * 2048
      let discard = oneIn(4) ? " discard='yes'" : ""
      let source = oneIn(4) ? "<source><nodemask>0</nodemask></source>" : ""
      return (xml("dimm", access + discard, source, "<size>\(size)</size>\(node)"), size)
    case 2, 3:
      let block = pick([2048, 2048, 4096] as [UInt64])
      let size = between(8, 40) * 4096 + (oneIn(8) ? 1024 : 0)
      let target = """
        <size>\(size)</size>\(node)<block>\(block)</block>\
        <requested>\(between(0, size / block) * block)</requested>
        """
      return (xml("virtio-mem", access, "", target), size)
    case 4:
      let size = between(2, 16) * 2048
      let label = oneIn(2) ? "<label><size>\(pick([128, 256]))</size></label>" : ""
      let readOnly = oneIn(3) ? "<readonly/>" : ""
      let source = "<source><path>\(file)</path></source>"
      return (xml("nvdimm", access, source, "<size>\(size)</size>\(node)\(label)\(readOnly)"), size)
    default:
      let size = between(2, 16) * 2048
      return (
        xml("virtio-pmem", "", "<source><path>\(file)</path></source>", "<size>\(size)</size>"),
        size
      )
    }
  }

  // MARK: Other elements

  private mutating func limitElements() -> String {
    let all: [(String, UInt64)] = [("hard_limit", 8), ("soft_limit", 3), ("swap_hard_limit", 8)]
    let limits = all.map { name, rarity in
      oneIn(rarity) ? "<\(name)>\(between(1_000_000, 4_000_000))</\(name)>" : ""
    }.joined()
    return limits.isEmpty ? "" : "<memtune>\(limits)</memtune>"
  }

  private mutating func backingElements(cells: Int) -> String {
    guard oneIn(2) else { return "" }
    var elements = ""
    if oneIn(4) {
      let nodeset = cells > 0 && oneIn(2) ? " nodeset='\(between(0, UInt64(cells) - 1))'" : ""
      elements += pick([
        "<hugepages/>", "<hugepages><page size='2048' unit='KiB'\(nodeset)/></hugepages>",
      ])
    }
    if oneIn(4) { elements += "<nosharepages/>" }
    if oneIn(12) { elements += "<locked/>" }
    if oneIn(2) { elements += "<source type='\(pick(["file", "anonymous", "memfd"]))'/>" }
    if oneIn(2) { elements += "<access mode='\(pick(["shared", "private"]))'/>" }
    if oneIn(3) {
      let threads = oneIn(2) ? " threads='\(between(1, 4))'" : ""
      elements += "<allocation mode='\(pick(["immediate", "ondemand"]))'\(threads)/>"
    }
    if oneIn(5) { elements += "<discard/>" }
    return elements.isEmpty ? "" : "<memoryBacking>\(elements)</memoryBacking>"
  }

  private mutating func bindingElements(cells: Int) -> String {
    guard oneIn(3) else { return "" }
    let modes = ["strict", "preferred", "interleave", "restrictive"]
    var elements = oneIn(4) ? "" : "<memory mode='\(pick(modes))' nodeset='0'/>"
    if cells > 0 && oneIn(2) {
      let cell = between(0, UInt64(cells) - 1)
      elements += "<memnode cellid='\(cell)' mode='\(pick(modes))' nodeset='0'/>"
    }
    return elements.isEmpty ? "" : "<numatune>\(elements)</numatune>"
  }

  private mutating func anyBalloon() -> String {
    let model = pick(["virtio", "virtio", "virtio-transitional", "virtio-non-transitional"])
    let words = (oneIn(4) ? " autodeflate='on'" : "") + (oneIn(4) ? " freePageReporting='on'" : "")
    let period = oneIn(3) ? "<stats period='\(between(1, 30))'/>" : ""
    return pick([
      "", "<memballoon model='none'/>",
      "<memballoon model='\(model)'\(words)>\(period)</memballoon>",
      "<memballoon model='\(model)'\(words)>\(period)</memballoon>",
    ])
  }
}
