// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

@Suite struct HostileXMLTests {
  private static let head = "<domain type='kvm'><name>web</name><memory>1048576</memory>"

  private static func repeated(_ text: String, bytes: Int) -> String {
    String(repeating: text, count: bytes / text.utf8.count)
  }

  static let hostile: [(name: String, xml: String, says: String)] = [
    ("100 MB", head + repeated("<a/>", bytes: 100_000_000) + "</domain>", "MiB"),
    ("5 MB", head + repeated("<a/>", bytes: 5_000_000) + "</domain>", "4 MiB"),
    ("cut", head + "<devices><memory model='dimm'>", "not well-formed"),
    ("deep", head + repeated("<a>", bytes: 3_000_000), "depth"),
    ("a NUL byte", head + "<a>\0</a></domain>", "not well-formed"),
    ("a NUL byte at its end", head + "</domain>\0", "NUL"),
    (
      "a DOCTYPE that grows",
      "<!DOCTYPE d [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;&a;&a;'>]>\(head)&b;</domain>", "DOCTYPE"
    ),
    (
      "a DOCTYPE that reads files",
      "<!DOCTYPE d [<!ENTITY a SYSTEM '/etc/passwd'>]>\(head)&a;</domain>", "DOCTYPE"
    ),
    (
      "400,000 attributes",
      head + "<x" + (0..<400_000).map { " a\($0)=''" }.joined().prefix(4_000_000) + "/></domain>",
      "1000 attributes"
    ),
    (
      "attributes behind a comment with a quote",
      head + "<!-- don't --><![CDATA[<']]><x b='>'" + (0..<300_000).map { " a\($0)=''" }.joined()
        + "/></domain>", "1000 attributes"
    ),
  ]

  @Test(
    "plan refuses hostile XML with its place, in bounded time and memory",
    arguments: hostile.indices,
    ["--live-xml", "--persistent-xml"])
  func refused(index: Int, option: String) throws {
    let (name, xml, says) = Self.hostile[index]
    let sandbox = try Sandbox()
    let file = try sandbox.file("hostile.xml", xml)
    let manifest = try sandbox.file("fleet.yaml", Manifest.domain("memory: 2GiB"))
    // The shell kills a run that takes more than 20 s of processor time or a gibibyte of memory.
    let process = try sandbox.process([])
    process.executableURL = URL(filePath: "/bin/sh")
    process.arguments = [
      "-c", "ulimit -t 20; ulimit -v 1048576; exec \"$@\"", "sh", Sandbox.program.path, "plan",
      manifest,
      option, file,
    ]
    try process.run()
    let outcome = try sandbox.end(of: process)
    #expect(outcome.status == 65, "\(name): \(outcome.errors)")
    #expect(outcome.errors.contains("hostile.xml"), "\(name): \(outcome.errors)")
    #expect(outcome.errors.contains(says), "\(name): \(outcome.errors)")
    #expect(outcome.output.isEmpty)
  }

  static let harmless = [
    "<!-- it's --><devices>" + repeated("<disk a='>' b=\"'\"/>\n", bytes: 3_000_000) + "</devices>",
    // In the encoding that it declares, this would be a tag with 200,000 attributes.
    "<a>+ADw-x" + (0..<200_000).map { " a\($0)=''" }.joined() + "/+AD4-</a>",
  ]

  @Test("plan reads a large harmless definition as UTF-8", arguments: harmless)
  func large(content: String) throws {
    let sandbox = try Sandbox()
    let xml = "<?xml version='1.0' encoding='UTF-7'?>\(Self.head)\(content)</domain>"
    let outcome = try sandbox.run(
      "plan", Manifest.domain("memory: 2GiB"), on: [],
      ["--persistent-xml", try sandbox.file("large.xml", xml)])
    #expect(outcome.status == 0, "\(outcome.errors)")
  }
}
