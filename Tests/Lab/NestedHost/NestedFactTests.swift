// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

extension NestedTests {
  /// Facts about libvirt 11.3, QEMU 10 and the kernel that the model relies on.
  @Suite struct FactTests {
    let host: NestedHost

    init() throws { host = try NestedHost.shared.get() }

    // MARK: Limits

    @Test("libvirt writes a limit alone and compares it with the definition, not with the cgroup")
    func limitAlone() throws {
      try host.run("virsh -q memtune held --hard-limit 1000000 --swap-hard-limit 2000000 --live")
      try host.write(700 << 20, to: "memory.max", of: "held")
      try host.write(100 << 20, to: "memory.swap.max", of: "held")
      #expect(try host.run("virsh -q dumpxml held").contains("<hard_limit unit='KiB'>1000000<"))
      try host.run("virsh -q memtune held --hard-limit 1000000 --live")
      #expect(try host.cgroup("held", "memory.max") == "1024000000")
      #expect(try host.cgroup("held", "memory.swap.max") == "104857600")
      #expect(try host.attempt("virsh -q memtune held --hard-limit 2500000 --live").status != 0)
    }

    @Test("a soft limit below the guest's memory is memory.high, which swaps the guest at once")
    func softLimit() throws {
      try host.run("virsh -q memtune held --soft-limit 200000 --live")
      #expect(try host.cgroup("held", "memory.high") == "204800000")
      try eventually("some of the guest is swapped", within: .seconds(30)) {
        try host.cgroup("held", "memory.swap.current") != "0"
      }
    }

    @Test(
      "a hard limit above the swap limit is refused by the call, yet can be defined and started")
    func hardAboveSwap() throws {
      for plane in ["--live", "--config"] {
        let call = "virsh -q memtune held --hard-limit 800000 --swap-hard-limit 500000 \(plane)"
        #expect(try host.attempt(call).status != 0)
      }
      let limits = """
        <memtune><hard_limit>800000</hard_limit><swap_hard_limit>500000</swap_hard_limit></memtune>
        """
      try host.define(NestedTests.bare("crossed", memory: 64, limits))
      try host.run("virsh -q start crossed --paused")
      #expect(try host.cgroup("crossed", "memory.max") == "819200000")
      #expect(try host.cgroup("crossed", "memory.swap.max") == "512000000")
    }

    // MARK: Pages

    @Test("the kernel doesn't charge huge pages to a hard limit")
    func pagesUnderALimit() throws {
      let more = """
        <memtune><hard_limit unit='MiB'>100</hard_limit></memtune>
        <memoryBacking><hugepages><page size='2' unit='M'/></hugepages></memoryBacking>
        """
      try host.define(NestedTests.bare("paged", memory: 200, more))
      try host.run("virsh -q start paged")
      #expect(try host.run("virsh -q domstate paged").hasPrefix("running"))
      #expect(try Int(host.cgroup("paged", "memory.current")).map { $0 < 100 << 20 } == true)
      #expect(try host.cgroup("paged", "memory.events").contains("max 0"))
    }

    @Test("a guest with less memory than one huge page doesn't start")
    func lessThanAPage() throws {
      let pages = "<memoryBacking><hugepages><page size='1' unit='G'/></hugepages></memoryBacking>"
      try host.define(NestedTests.bare("small", memory: 64, pages))
      let start = try host.attempt("virsh -q start small")
      #expect(start.status != 0 && start.errors.contains("larger than page size"), "\(start)")
    }

    @Test("locked memory of an unprivileged QEMU must hold QEMU's virtual size")
    func locked() throws {
      func guest(_ limit: Int) -> String {
        let more = """
          <memtune><hard_limit unit='MiB'>\(limit)</hard_limit></memtune>
          <memoryBacking><locked/></memoryBacking>
          """
        return NestedTests.bare("locked", memory: 64, more)
          .replacing("type='qemu'", with: "type='kvm'")
      }
      try host.define(guest(320))
      let start = try host.attempt("virsh -q start locked --paused")
      #expect(start.status != 0 && start.errors.contains("mlockall"), "\(start)")
      try host.run("virsh -q undefine locked")
      try host.define(guest(440))
      try host.run("virsh -q start locked --paused")
    }

    // MARK: Nodes

    @Test("cells with restrictive bindings have no binding of their own and move together")
    func restrictiveCells() throws {
      let tuning = """
        <memoryBacking><allocation mode='immediate'/></memoryBacking>
        <numatune><memory mode='restrictive' nodeset='0-1'/>
          <memnode cellid='0' mode='restrictive' nodeset='1'/>
          <memnode cellid='1' mode='restrictive' nodeset='0'/></numatune>
        <cpu><numa><cell id='0' cpus='0' memory='65536'/><cell id='1' memory='131072'/></numa></cpu>
        """
      try host.define(NestedTests.bare("loose", memory: 192, tuning))
      try host.run("virsh -q start loose --paused")
      let backends = try host.run("tr '\\0' '\\n' </proc/\(host.process("loose"))/cmdline")
      #expect(backends.contains("memory-backend-ram") && !backends.contains("host-nodes"))
      try host.run("virsh -q numatune loose --nodeset 1 --live")
      #expect(try host.mebibytes("loose", onNode: 0) < 16)
      #expect(try host.mebibytes("loose", onNode: 1) >= 192)
    }
  }
}

extension NestedHost {
  /// Writes a number of bytes to a file of a domain's cgroup behind libvirt's back.
  fileprivate func write(_ bytes: Int, to file: String, of domain: String) throws {
    try run("echo \(bytes) >$(echo /sys/fs/cgroup/machine/qemu-*-\(domain).libvirt-qemu)/\(file)")
  }
}
