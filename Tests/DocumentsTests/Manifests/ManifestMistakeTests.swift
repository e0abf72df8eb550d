// SPDX-License-Identifier: Apache-2.0

import YAML
import Documents
import MemoryModel
import TestSupport
import Testing

@Suite struct ManifestMistakeTests {
  @Test(
    "the reader reports each mistake in a document's head at its place",
    arguments: [
      (
        "a: 1\n",
        ["1:1 foreign-document"]
      ),
      ("[]\n", ["1:1 wrong-type"]),
      ("text\n", ["1:1 wrong-type"]),
      (
        "apiVersion: virtmem.io/v1\nkind: domain\nmetadata: {name: 1}\nstatus: {}\n",
        ["1:13 unknown-api-version"]
      ),
      (
        "apiVersion:\nkind: [Domain]\nmetadata: {name: ''}\n",
        ["2:7 wrong-type"]
      ),
      (
        "apiVersion: virtmem.io/v1alpha1\nkind: Domain\nmetadata: {nmae: a}\n",
        ["3:11 missing-field", "3:12 unknown-field"]
      ),
      (
        "apiVersion: virtmem.io/v1alpha1\nkind: Domain\n"
          + "metadata: {name: a, labels: {a: 1, 2: b, c: no, d: , e: ''}, namespace: x}\n",
        ["3:33 wrong-type", "3:36 wrong-type", "3:49 empty-value"]
      ),
      ("apiVersion: virtmem.io/v1alpha1\nkind: Host\nmetadata: {name: h}\n", ["1:1 missing-field"]),
      (
        "apiVersion: virtmem.io/v1alpha1\nkind: Domain\nmetadata: {}\nspec: {memory: 8G}\n",
        ["3:11 missing-field", "4:16 invalid-size"]
      ),
    ] as [(String, [String])])
  func head(text: String, mistakes: [String]) {
    #expect(places(text) == mistakes)
  }

  @Test(
    "the reader reports each mistake in a Domain's spec at its place",
    arguments: [
      ("memory: 8G", ["5:11 invalid-size"]), ("memory: [8GiB]", ["5:11 wrong-type"]),
      ("memory: true", ["5:11 wrong-type"]),
      ("memory: {min: 1GiB, max: 2GiB}", ["5:11 wrong-type"]),
      ("memory:", ["5:3 empty-value"]), ("memory: ~", ["5:3 empty-value"]),
      ("memory: unlimited", ["5:11 invalid-value"]), ("memory: none", ["5:11 invalid-value"]),
      ("memtune: {hardLimit: Unlimited}", ["5:24 invalid-value"]),
      ("memtune: {hardLimit: -1}", ["5:24 invalid-size"]),
      ("memtune: {hardLimit: 0}", ["5:24 invalid-size"]),
      ("memtune: {minGuarantee: unlimited}", ["5:27 invalid-value"]),
      ("memtune:", ["5:3 empty-value"]), ("memtune: 8GiB", ["5:12 wrong-type"]),
      ("memtune: {hardlimit: 8GiB}", ["5:13 unknown-field"]),
      ("memtune: {zzz: 8GiB}", ["5:13 unknown-field"]), ("hardLimit: 8GiB", ["5:3 unknown-field"]),
      ("<<: {}", ["5:3 unknown-field"]),
      ("memballoon: {statsPeriod: 10}", ["5:29 invalid-duration"]),
      ("memballoon: {statsPeriod: 0s}", []),
      ("devices: {a: {b: [}]}", ["5:21 syntax"]),
      ("devices: {a: {b: 1}}", ["5:17 unknown-field"]),
      ("currentMemory: {min: 8GiB, max: 4GiB}", ["5:24 invalid-range"]),
      ("currentMemory: {min: 8GiB}", ["5:18 missing-field"]),
      ("currentMemory: {min: 8, max: }", ["5:24 invalid-size", "5:27 empty-value"]),
      ("suspend: yes", ["5:12 wrong-type"]), ("suspend: 'true'", ["5:12 wrong-type"]),
      ("suspend: unmanaged", ["5:12 wrong-type"]), ("suspend: [true]", ["5:12 wrong-type"]),
      ("suspend: 2026-12-31", ["5:12 wrong-type"]), ("suspend: {}", ["5:12 empty-value"]),
      ("suspend: {untl: 2026-12-31}", ["5:13 unknown-field"]),
      ("suspend: {until: 2026-02-29}", ["5:20 invalid-value"]),
      ("suspend: {until: 20261231}", ["5:20 wrong-type"]),
      ("suspend: {until: , reason: }", ["5:13 empty-value", "5:22 empty-value"]),
      ("suspend: {until: tomorrow, reason: 12}", ["5:20 invalid-value", "5:38 wrong-type"]),
      ("suspend: {reason: ''}", ["5:21 empty-value"]),
      ("suspend: {reason: \"a\\nb\"}", ["5:21 invalid-value"]),
      ("uuid: 6f1d2c1e", ["5:9 invalid-uuid"]), ("name: 12", ["5:9 wrong-type"]),
      ("profiles: web", ["5:13 wrong-type"]),
      ("profiles: [web, 1]", ["5:14 unknown-profile", "5:19 wrong-type"]),
      ("host: hv01", ["5:9 unknown-host"]), ("policy: {disruption: Live}", ["5:24 invalid-value"]),
      ("policy: {shrink: 1}", ["5:20 wrong-type"]), ("policy: none", ["5:11 wrong-type"]),
      (
        "policy: {restart: {timeout: 0s, force: no}}",
        ["5:21 restart-not-allowed", "5:31 invalid-duration", "5:42 wrong-type"]
      ),
      ("policy: {disruption: none, restart: {}}", ["5:39 restart-not-allowed"]),
      ("policy: {disruption: restart, restart: {timeout: 1m}}", []),
      ("policy: {disruption: nix, restart: {timeout: 1m}}", ["5:24 invalid-value"]),
      ("memtune: {hardLimit: 8GiB, swapHardLimit: 4GiB}", ["5:24 limits-contradict"]),
      ("memtune: {hardLimit: unlimited, swapHardLimit: 4GiB}", ["5:24 limits-contradict"]),
      ("memtune: {hardLimit: 4GiB, swapHardLimit: unlimited}", []),
    ] as [(String, [String])])
  func domain(spec: String, mistakes: [String]) {
    #expect(places(document("Domain", "web", spec: spec)) == mistakes)
  }

  @Test(
    "the reader reports each mistake in a Host's or Profile's spec at its place",
    arguments: [
      ("Host", "reserve: {memory: 4GiB}", ["5:3 missing-field"]),
      ("Host", "uri: ''", ["5:8 empty-value"]),
      (
        "Host", "uri: a\nreserve: {}\nfacts: {cgroup: v3, hugepageSize: 2M}\nsuspend: 1",
        ["6:12 missing-field", "7:19 invalid-value", "7:37 invalid-size", "8:12 wrong-type"]
      ),
      ("Host", "uri: a\nmemory: 8GiB", ["6:3 unknown-field"]),
      (
        "Profile", "host: a\nname: b\nuuid: c\nprofiles: []",
        ["5:3 not-in-profile", "6:3 not-in-profile", "7:3 not-in-profile", "8:3 not-in-profile"]
      ),
      ("Profile", "policy: {restart: {timeout: 1m}}", []),
      (
        "Profile", "policy: {disruption: live, restart: {timeout: 1m}}",
        ["5:39 restart-not-allowed"]
      ),
    ] as [(String, String, [String])])
  func others(kind: String, spec: String, mistakes: [String]) {
    #expect(places(document(kind, "x", spec: spec)) == mistakes)
  }

  @Test(
    "a mistake in suspend says what to write",
    arguments: [
      ("yes", "Write true."), ("maintenance", "Write true or false, or {until: 2026-12-31, reason"),
      ("{}", "Write suspend: true, or add until or reason."),
      ("{until: 2026-02-30}", "Write one such as 2026-12-31."), ("{untill: 2026-12-31}", "until"),
    ])
  func suspend(value: String, remedy: String) throws {
    let text = document("Domain", "web", spec: "suspend: \(value)")
    let mistake = try #require(read(text).diagnostics.first)
    #expect(mistake.remedy.contains(remedy), "\(mistake.remedy)")
  }

  @Test("the reader reports the mistakes of all files in one run, in order, with their lines")
  func everything() {
    let sources = [
      (
        "b.yaml",
        document("Profile", "web", spec: "memory: 8G\nmemtune: {hardLimit: 9GiB}") + "a: ]\n"
      ),
      ("a.yaml", document("Domain", "x", spec: "profiles: [wbe]\nmemory: 1GiB\nfoo: 1")),
      ("c.yaml", document("Domain", "y", spec: "profiles: [web]\nmemtune: {swapHardLimit: 8GiB}")),
    ].map { YAMLSource(file: $0.0, text: $0.1) }
    let mistakes = ManifestReader.read(sources: sources).diagnostics
    #expect(
      mistakes.map { "\($0.source?.file ?? ""):\(place($0))" } == [
        "b.yaml:5:11 invalid-size", "b.yaml:6:24 limits-contradict", "b.yaml:8:4 syntax",
        "a.yaml:5:14 unknown-profile", "a.yaml:7:3 unknown-field",
      ])
    #expect(mistakes.first?.sourceLine == "  memory: 8G")
    #expect(mistakes.last?.sourceLine == "  foo: 1")
    #expect(mistakes.allSatisfy { $0.severity == .error && !$0.remedy.isEmpty })
  }

  @Test("the reader reports a Profile's mistake once and not for its users")
  func noCascade() {
    let profile = document(
      "Profile", "web", spec: "memtune: {hardLimit: 8G}\npolicy: {disruption: x}")
    let domain = document(
      "Domain", "a", spec: "profiles: [web]\nmemtune: {swapHardLimit: 1GiB}\npolicy: {restart: {}}")
    #expect(places(profile + domain) == ["5:24 invalid-size", "6:24 invalid-value"])
    #expect(places("kind: Profile\nmetadata: {name: web, x: [}\n---\n" + domain).count == 1)
    #expect(
      places(profile.replacing("Profile", with: "Profil") + domain)
        == ["2:7 unknown-kind"])
  }

  @Test("the reader reports a contradiction that several domains inherit once")
  func onceForAll() {
    let profile = document(
      "Profile", "default", spec: "memtune: {hardLimit: 2GiB, swapHardLimit: 1GiB}")
    #expect(
      places(profile + document("Domain", "a") + document("Domain", "b"))
        == ["5:24 limits-contradict"])
  }

  @Test("the reader reports a mistake that an alias repeats once")
  func aliases() {
    let spec =
      "memtune: &x {hardLimit: 8G, softLimit: 1GiB}\npolicy: {restart: {timeout: 1s, force: true}, disruption: restart}"
    #expect(places(document("Profile", "a", spec: spec)) == ["5:27 invalid-size"])
  }

  @Test("the reader warns about manifests without a document")
  func empty() {
    #expect(read("# nothing\n---\n").diagnostics.map(\.severity) == [.warning])
  }
}
