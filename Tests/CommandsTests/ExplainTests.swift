// SPDX-License-Identifier: Apache-2.0

import MemoryModel
import Testing

@testable import Commands

@Suite struct ExplainTests {
  private func run(_ words: String...) async throws -> Outcome {
    let scene = try Scene()
    return await scene.run(with: ["explain"] + words)
  }

  @Test(
    "explain knows the words of manifests, results, libvirt and virsh",
    arguments: [
      "Domain", "profile", "host", "spec", "labels", "suspend", "reserve", "facts", "unmanaged",
      "spec.memory", "policy", "policy.disruption", "policy.shrink", "restart", "none", "unlimited",
      "inSync", "change", "pendingRestart", "blocked", "unobserved", "suspended", "stale",
      "skipped",
      "unknown", "interrupted", "0", "1", "2", "3", "4", "5", "64", "65", "70", "130", "143",
      "hard_limit", "soft_limit", "swap_hard_limit", "min_guarantee", "setmem", "setmaxmem",
      "balloon", "memtune", "memnode", "hugepages", "numatune", "maxMemory", "currentMemory",
      "virtio-mem", "dimm", "nvdimm", "virtio-pmem", "sgx-epc", "memballoon", "memfd", "cell",
      "nosharepages", "transient", "managedsave", "system", "session", "symbols", "~", "!",
      "headroom", "drift", "step", "snapshot", "hardLimit", "HARD_LIMIT",
      "policy.restart.timeout", "not there", "on several hosts", "setMemoryParameters",
    ])
  func words(word: String) async throws {
    #expect(try await run(word).status == 0)
  }

  @Test(
    "a rule that decides a status of its own says which",
    arguments: [
      ("host-unobserved", "the status is 5"), ("domain-unobserved", "the status is 5"),
      ("foreign-change", "status is 4"),
    ])
  func effect(rule: String, words: String) async throws {
    let text = try await run(rule).output.split(whereSeparator: \.isWhitespace)
    #expect(text.joined(separator: " ").contains(words))
  }

  @Test(
    "a topic says what it is and what to type next, and a word of manifests or of libvirt has an example",
    arguments: Topic.all.map(\.name))
  func topics(name: String) async throws {
    let topic = try #require(Topic.all.first { $0.name == name })
    #expect(topic.summary.hasSuffix("."))
    #expect(!topic.next.isEmpty)
    if [.kinds, .settings, .words].contains(topic.group) {
      #expect(!topic.example.isEmpty || topic.field != nil)
    }
    if let field = topic.field { #expect(FieldName(field) != nil) }
  }

  @Test("no two topics have one name")
  func names() {
    #expect(Set(Topic.all.map(\.name)).count == Topic.all.count)
  }

  @Test(
    "a field and a rule say their element, call, example and the next command",
    arguments: ["memtune.hardLimit", "current-memory-above-reach"])
  func parts(word: String) async throws {
    let text = try await run(word).output
    #expect(text.contains("Example") && text.contains("Next"))
  }

  @Test("a text ends before the last column, or before column 80 where there is no terminal")
  func width() async throws {
    let words = [[], ["memtune"], ["current-memory-above-reach"], ["balloon"], ["devices"]]
    for word in words {
      let scene = try Scene()
      let text = await scene.run(with: ["explain"] + word).output
      (scene.isTerminal, scene.width) = (true, 60)
      let narrow = await scene.run(with: ["explain"] + word).output
      for (text, width) in [(text, 80), (narrow, 60)] {
        for line in text.split(separator: "\n") {
          #expect(line.count <= width || line.split(separator: " ").count <= 2, "\(line)")
        }
      }
      #expect(
        text.split(whereSeparator: \.isWhitespace) == narrow.split(whereSeparator: \.isWhitespace))
    }
  }

  @Test("near words are fields that end so, then words that begin so, then those spelled alike")
  func near() {
    #expect(Explanation.nearest(to: "model") == ["memballoon.model", "devices.*.model"])
    #expect(Explanation.nearest(to: "shrink-w") == ["shrink-without-statistics"])
    #expect(Explanation.nearest(to: "curentMemory") == ["currentMemory"])
    #expect(Explanation.nearest(to: "xyzzy").isEmpty)
  }
}
