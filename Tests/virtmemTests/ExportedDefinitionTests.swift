// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

@Suite struct ExportedDefinitionTests {
  static let celled = "<cpu><numa><cell id='0' cpus='0-3' memory='1048576'/></numa></cpu>"

  static func xml(_ body: String) -> String {
    """
    <domain type='qemu'><name>web</name><maxMemory slots='4'>8388608</maxMemory>
      <memory>1048576</memory><vcpu>4</vcpu>\(body)</domain>
    """
  }

  static func pages(_ entries: String) -> String {
    xml("<memoryBacking><hugepages>\(entries)</hugepages></memoryBacking>\(celled)")
  }

  static func device(_ attributes: String, _ source: String, _ target: String) -> String {
    xml(
      """
      \(celled)<devices><memory \(attributes)>\(source)<target>\(target)</target></memory></devices>
      """)
  }

  @Test(
    "export omits what a manifest can't express, with a remark",
    arguments: [
      (pages("<page size='2048'/><page size='1048576'/>"), "two sizes for all"),
      (
        pages("<page size='2048' nodeset='0'/><page size='1048576' nodeset='0'/>"),
        "two sizes for the guest cell 0"
      ),
      (
        xml(
          "<cpu><numa><cell cpus='0-2' memory='1'/><cell cpus='2-3' memory='1'/></numa></cpu>"),
        "the processor 2 is in another cell"
      ),
      (
        device(
          "model='virtio-mem'", "", "<size>1048576</size><node>0</node><block>3000</block>"),
        "no power of two"
      ),
      (device("model='dimm'", "", "<size>0</size><node>0</node>"), "its size is 0"),
    ])
  func inexpressible(xml: String, remark: String) throws {
    let sandbox = try Sandbox()
    let definition = try sandbox.file("web.xml", xml)
    for plane in ["--persistent-xml", "--live-xml"] {
      let export = try sandbox.run(["export", plane, definition])
      #expect(export.status == 0)
      #expect(export.output.contains(remark))
      let plan = try sandbox.run(
        "plan", export.output, on: [], [plane, definition, "--format", "json"])
      #expect(plan.status == 0)
      let document = try plan.document()
      #expect(document["domains"][0]["verdict"] == "inSync")
      #expect(document["domains"][0]["steps"] == .array([]))
    }
  }
}
