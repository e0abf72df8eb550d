// SPDX-License-Identifier: Apache-2.0
import MemoryModel
import Planner
import Testing

@Suite struct SelectionTests {
  static func selects(
    _ globs: [String] = [], _ selectors: [String] = [], name: String = "web-01",
    labels: [String: String] = [:], hostLabels: [String: String] = [:]
  ) throws -> Bool {
    let parsed = try selectors.map { try #require(LabelSelector($0)) }
    var domain = wanted(name)
    domain.labels = labels
    return Selection(domains: globs, selectors: parsed)
      .selects(domain, on: DesiredHost(name: "hv01", labels: hostLabels))
  }

  @Test(
    "a matching glob selects the domain",
    arguments: [
      "web-01", "web-*", "*", "*-01", "w*b*1", "web-0?", "web-[0-9][0-9]", "web-0[!2-9]",
      "hv01/web-01",
      "hv*/*", "*/web-??", "w**1", "[vwx]eb-01",
    ])
  func matchingGlob(text: String) throws {
    #expect(try Self.selects([text]))
  }

  @Test(
    "a glob that doesn't match selects nothing",
    arguments: [
      "web", "web-0", "web-01?", "Web-01", "web-[2-9]*", "web-0[!1]", "hv02/web-01", "/web-01",
      "hv01/",
      "", "db-*", "?",
    ])
  func otherGlob(text: String) throws {
    #expect(try !Self.selects([text]))
  }

  @Test("a pattern with many stars is matched in bounded time")
  func stars() throws {
    let name = String(repeating: "a", count: 2000)
    #expect(try !Self.selects([String(repeating: "*a", count: 200) + "b"], name: name))
  }

  @Test(
    "a matching selector selects the domain",
    arguments: [
      "app=web", "app==web", "app = web", "app", "!legacy", "app!=db", "rack!=b", "rack=a",
      "app=web,rack=a", "app in (db, web)", "app notin (db)", "tier notin (x,y)", "app=web,!legacy",
      "k8s.io/part-of=shop",
    ])
  func selector(text: String) throws {
    let labels = ["app": "web", "k8s.io/part-of": "shop"]
    #expect(try Self.selects([], [text], labels: labels, hostLabels: ["rack": "a"]))
  }

  @Test(
    "a selector that doesn't match selects nothing",
    arguments: ["app=db", "app!=web", "!app", "legacy", "app=web,rack=b", "app in (db)", "app="])
  func otherSelector(text: String) throws {
    #expect(try !Self.selects([], [text], labels: ["app": "web"], hostLabels: ["rack": "a"]))
  }

  @Test(
    "an invalid selector is refused",
    arguments: [
      "", ",", "=web", "app=a=b", "app in web", "in (a)", "a b", "!", "app in (a", "a,,b",
    ])
  func noSelector(text: String) {
    #expect(LabelSelector(text) == nil)
  }

  @Test("one of several globs must match, and all selectors must")
  func combined() throws {
    #expect(try Self.selects(["db-*", "web-*"]))
    #expect(try Self.selects(["db-*", "web-*"], ["app=web"], labels: ["app": "web"]))
    #expect(try !Self.selects(["web-*"], ["app=web", "rack=b"], labels: ["app": "web"]))
    #expect(try !Self.selects(["db-*"], ["app=web"], labels: ["app": "web"]))
    #expect(try Self.selects())
  }

  @Test("a domain's own label overrides its host's")
  func ownLabel() throws {
    #expect(try Self.selects([], ["rack=b"], labels: ["rack": "b"], hostLabels: ["rack": "a"]))
  }
}
