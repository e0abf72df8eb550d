// SPDX-License-Identifier: Apache-2.0

import Documents
import MemoryModel
import TestSupport
import Testing

@Suite struct ManifestIdentityTests {
  private let one = "uuid: 00000000-0000-0000-0000-000000000001\n"
  private let two = "uuid: 00000000-0000-0000-0000-000000000002\n"

  /// The rules of the mistakes of Domains on two Hosts.
  private func rules(_ specs: [String], hosts: [String] = ["h1", "h2"]) -> [String] {
    let declared = hosts.map { document("Host", $0, spec: "uri: a") }
    let domains = specs.enumerated().map { document("Domain", "d\($0.offset)", spec: $0.element) }
    return read((declared + domains).joined()).diagnostics.map(\.rule.name)
  }

  @Test("the reader refuses a second document for a domain of one host and names the first")
  func sameHost() {
    let (_, mistakes) = read(document("Domain", "a") + document("Domain", "b", spec: "name: a"))
    #expect(mistakes.map(place) == ["7:18 duplicate-domain"])
    #expect(mistakes.first?.detail.contains("a.yaml:3:18") == true)
    #expect(rules(["host: h1\nname: a", "host: h2\nname: a"]) == [])
    #expect(rules(["host: h1\nname: a", "host: h1\nname: a"]) == ["duplicate-domain"])
    #expect(
      rules(["host: h1\nname: a\n\(one)", "host: h1\nname: a\n\(two)"]) == ["duplicate-domain"])
  }

  @Test("a Domain without host conflicts with others of its name unless their uuids differ")
  func anyHost() {
    #expect(rules(["name: a", "host: h1\nname: a"]) == ["duplicate-domain"])
    #expect(rules(["host: h1\nname: a", "name: a"]) == ["duplicate-domain"])
    #expect(rules(["name: a\n\(one)", "host: h1\nname: a"]) == ["duplicate-domain"])
    #expect(rules(["name: a\n\(one)", "host: h1\nname: a\n\(two)"]) == [])
    #expect(rules(["name: a\n\(one)", "name: a\n\(two)"]) == [])
    #expect(rules(["name: a\n\(one)", "name: a\n\(two)"], hosts: []) == ["duplicate-domain"])
  }

  @Test("the reader refuses one uuid for two domains of one host")
  func sameUUID() {
    #expect(rules(["host: h1\n\(one)", "host: h1\n\(one)"]) == ["duplicate-domain"])
    #expect(rules(["host: h1\n\(one)", "host: h2\n\(one)"]) == [])
    #expect(rules(["host: h1\n\(one)", one]) == ["duplicate-domain"])
    #expect(rules([one, one], hosts: []) == ["duplicate-domain"])
  }

  @Test("the reader refuses a second Host or Profile of one name, and an unknown name")
  func references() {
    #expect(rules([], hosts: ["h1", "h1"]) == ["duplicate-host"])
    #expect(
      places(document("Profile", "p") + document("Profile", "p")) == ["7:18 duplicate-profile"])
    let text =
      document("Host", "hv01", spec: "uri: a") + document("Domain", "a", spec: "host: hv10")
    #expect(read(text).diagnostics.first?.summary == "unknown Host 'hv10': did you mean 'hv01'?")
    #expect(
      read(document("Domain", "a", spec: "host: hv1")).diagnostics.first?.remedy
        == "Declare the Host, or remove host: without Hosts everything is on the connection.")
  }
}
