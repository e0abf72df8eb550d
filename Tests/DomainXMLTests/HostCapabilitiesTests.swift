// SPDX-License-Identifier: Apache-2.0
import DomainXML
import MemoryModel
import Testing

@Suite struct HostCapabilitiesTests {
  @Test("a host's UUID, architecture, page sizes and nodes are read")
  func whole() throws {
    let host = try HostCapabilities.read(
      """
      <capabilities><host><uuid>6F1D2C1E-4A55-4B7E-9D7A-1B1F0A9C0D01</uuid>
        <cpu><arch>x86_64</arch><pages unit='KiB' size='2048'/><pages unit='KiB' size='4'/></cpu>
        <topology><cells num='2'><cell id='3'/><cell id='0'>
          <memory unit='KiB'>2097152</memory><pages unit='KiB' size='4'>7</pages>
          <pages unit='KiB' size='1048576'>0</pages><pages unit='KiB' size='2048'>9</pages>
        </cell></cells></topology>
      </host><guest><arch name='i686'/></guest></capabilities>
      """)
    #expect(host.uuid == "6f1d2c1e-4a55-4b7e-9d7a-1b1f0a9c0d01")
    #expect(host.architecture == "x86_64")
    #expect(host.pageSizes == [.kibibytes(4), .mebibytes(2)])
    #expect(
      host.nodes == [
        HostNode(
          0, total: .gibibytes(2),
          pools: [
            HugepagePool(size: .mebibytes(2), total: 9),
            HugepagePool(size: .gibibytes(1), total: 0),
          ]),
        HostNode(3),
      ])
    #expect(host.nodes.numbers == NodeSet([0...0, 3...3]))
  }

  @Test(
    "a value that a driver doesn't report is nil",
    arguments: [
      "<capabilities/>", "<capabilities><host/></capabilities>",
      "<capabilities><host><cpu/></host></capabilities>",
    ])
  func unreported(xml: String) throws {
    let host = try HostCapabilities.read(xml)
    #expect(host.uuid == nil && host.architecture == nil && host.pageSizes == [])
    #expect(host.nodes == [])
  }

  @Test("the reader refuses another document")
  func otherRoot() {
    #expect(throws: DomainXMLError.self) { try HostCapabilities.read("<domain/>") }
  }
}
