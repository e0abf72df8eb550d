// SPDX-License-Identifier: Apache-2.0
import DomainXML
import MemoryModel
import Testing

@Suite struct CommandLineTests {
  private func arguments(_ values: [String], prefix: String = "qemu") throws -> String? {
    let space = "xmlns:\(prefix)='http://libvirt.org/schemas/domain/qemu/1.0'"
    let list = values.map { "<\(prefix):arg value='\($0)'/>" }.joined()
    let xml = """
      <domain type='kvm' \(space)><name>a</name><memory>1</memory>
      <\(prefix):commandline>\(list)<\(prefix):env name='-m' value='1'/></\(prefix):commandline>
      </domain>
      """
    return try DomainDefinition.read(xml).configuration.surroundings.memoryArguments
  }

  @Test(
    "the definition shows QEMU arguments about memory with their values",
    arguments: [
      (["-m", "8G"], "-m 8G"), (["--m", "size=8G"], "--m size=8G"),
      (["-foo", "-numa", "node,memdev=a"], "-numa node,memdev=a"),
      (["-object", "memory-backend-file,id=a"], "-object memory-backend-file,id=a"),
      (
        ["-object", "{\"qom-type\":\"memory-backend-ram\"}"],
        "-object {\"qom-type\":\"memory-backend-ram\"}"
      ),
      (
        ["-device", "pc-dimm,memdev=a", "-mem-prealloc"], "-device pc-dimm,memdev=a, -mem-prealloc"
      ),
      (["-mem-path", "/dev/shm", "-mem-prealloc", "-s"], "-mem-path /dev/shm, -mem-prealloc"),
      (
        ["-global", "virtio-balloon-pci.deflate-on-oom=on"],
        "-global virtio-balloon-pci.deflate-on-oom=on"
      ),
      (["-machine", "memory-backend=a"], "-machine memory-backend=a"),
      (["-M", "mem-merge=off"], "-M mem-merge=off"),
      (["-overcommit", "mem-lock=on"], "-overcommit mem-lock=on"),
      (["-object", "rng-random,id=a"], nil), (["-device", "ich9-ahci"], nil), (["-s"], nil),
      (["-global", "PIIX4_PM.disable_s3=0"], nil), (["-machine", "usb=off"], nil),
      (["-overcommit", "cpu-pm=on"], nil), (["m", "8G"], nil), ([], nil),
    ] as [([String], String?)])
  func memory(values: [String], told: String?) throws {
    #expect(try arguments(values) == told)
    #expect(try arguments(values, prefix: "q") == told)
  }

  @Test("the definition ignores a command line outside QEMU's namespace")
  func otherNamespaces() throws {
    for name in ["commandline", "x:commandline"] {
      let xml = """
        <domain type='kvm' xmlns:x='urn:x'><name>a</name><memory>1</memory>
        <\(name)><arg value='-m'/></\(name)></domain>
        """
      #expect(try DomainDefinition.read(xml).configuration.surroundings.memoryArguments == nil)
    }
  }

  @Test("the definition shortens a long argument")
  func long() throws {
    let told = try #require(try arguments(["-m", String(repeating: "8", count: 5000)]))
    #expect(told.count < 100)
  }
}
