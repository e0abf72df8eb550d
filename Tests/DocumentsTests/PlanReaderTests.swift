// SPDX-License-Identifier: Apache-2.0

import YAML
import Documents
import MemoryModel
import Testing

@Suite struct PlanReaderTests {
  static let created = "2026-08-22T09:12:00Z"

  static func read(_ bytes: [UInt8]) throws(InvalidPlan) -> SavedPlan {
    try PlanReader.read(YAMLSource(file: "plan.json", bytes: bytes), knowing: [])
  }

  /// The place, rule and summary of the mistake in a plan's file; `none` if there is no mistake.
  static func mistake(in text: String) -> String {
    do throws(InvalidPlan) {
      _ = try read(Array(text.utf8))
      return "none"
    } catch {
      let found = error.diagnostic
      #expect(!found.remedy.isEmpty)
      let place = found.source.map { "\($0)" } ?? "nowhere"
      return "\(place) \(found.rule) \(found.summary)"
    }
  }

  /// The document of ``plan``.
  static let text = String(
    decoding: PlanDocument.bytes(of: plan, created: created), as: UTF8.self)

  static let plan: Plan = {
    var plan = PlanDocumentTests.plan
    // A document omits these of a domain without steps.
    (plan.domains[1].basis, plan.domains[1].goalHash) = (nil, nil)
    return plan
  }()

  /// A value of each shape, made of two numbers.
  static func samples(_ one: UInt64, _ other: UInt64) -> [FieldValue] {
    let (low, high) = (MemorySize(bytes: min(one, other)), MemorySize(bytes: max(one, other)))
    let words = ["shared", "file", "immediate", "strict", "static", "present", "virtio", "dimm"]
    let nodes = NodeSet([3...5, 8...8])
    return [
      .size(low), .sizeRange(low...high), .seconds(one), .count(one), .unlimited, .absence,
      .flag(one % 2 == 0), .nodes(nodes), .word("default"), .word("0x140000000"),
      .pages([Hugepage(size: low, cells: nodes), Hugepage(size: high)]),
    ] + words.map(FieldValue.word)
  }

  @Test("a plan read back equals the saved one")
  func roundTrip() throws {
    let saved = try Self.read(Array(Self.text.utf8))
    #expect(saved.plan == Self.plan)
    #expect(saved.created == Self.created)
    #expect(Self.text.contains(#""id":"\#(saved.id ?? "")""#))
  }

  @Test("every random plan is read back as it was saved, with any text", arguments: 0..<300)
  func anyRoundTrip(seed: UInt64) throws {
    var random = RandomPlan(seed: seed)
    let plan = random.plan()
    let bytes = PlanDocument.bytes(of: plan, created: Self.created)
    let saved = try Self.read(bytes)
    #expect(saved.plan == plan, "seed \(seed)")
    #expect(PlanDocument.bytes(of: saved.plan, created: saved.created) == bytes, "seed \(seed)")
  }

  @Test("every random report of an apply is read back as it was written", arguments: 0..<300)
  func anyReport(seed: UInt64) throws {
    var random = RandomPlan(seed: seed)
    let report = random.report()
    let bytes = PlanDocument.bytes(of: report, created: Self.created)
    let saved = try Self.read(bytes)
    #expect(PlanDocument.bytes(of: saved) == bytes, "seed \(seed)")
    #expect(saved.report?.doneCount == report.doneCount, "seed \(seed)")
    #expect(saved.report?.domains.map(\.observed) == report.domains.map(\.observed))
  }

  @Test(
    "a plan keeps every value that a field can hold", arguments: Field.all.map { $0.path(of: "7") })
  func values(path: FieldPath) throws {
    let field = try #require(Field.named(path))
    let values = Self.samples(4096, 8192).filter(field.takes)
    #expect(!values.isEmpty)
    for value in values {
      let planned = PlannedField(path: path, desired: value, live: value, verdict: .inSync)
      let plan = Plan(domains: [DomainPlan(name: "web", verdict: .inSync, fields: [planned])])
      let saved = try Self.read(PlanDocument.bytes(of: plan, created: Self.created))
      #expect(saved.plan == plan)
    }
  }

  @Test("the reader refuses a plan truncated after any byte")
  func truncated() {
    let bytes = Array(Self.text.utf8)
    for count in bytes.indices {
      #expect(throws: InvalidPlan.self) { try Self.read(Array(bytes[..<count])) }
    }
  }

  @Test("the reader refuses a plan with any changed byte")
  func altered() throws {
    var bytes = Array(Self.text.utf8)
    let start = Self.created.utf8.count + #"{"created":""#.utf8.count
    for index in start..<bytes.count {
      let byte = bytes[index]
      bytes[index] = byte == UInt8(ascii: "1") ? UInt8(ascii: "2") : UInt8(ascii: "1")
      #expect(throws: InvalidPlan.self) { try Self.read(bytes) }
      bytes[index] = byte
    }
  }

  @Test(
    "the reader reports each mistake in a plan with its place",
    arguments: [
      (
        #""verdict":"blocked"}],"headroom""#, #""verdict":"maybe"}],"headroom""#, "invalid-value",
        "domains[0].fields[2].verdict: this version knows no 'maybe' here"
      ),
      (
        #""plane":"persistent","#, "", "missing-field",
        "domains[0].steps[0]: the member plane is missing"
      ),
      (
        #""plane":"persistent","#, #""plane":"persistent","plane":"live","#, "duplicate-key",
        "the key 'plane' is here twice"
      ),
      (
        #""needs":"#, #""wants":0,"needs":"#, "unknown-field",
        "domains[0].steps[0].wants: this version knows no such member"
      ),
      (
        #""needs":["hv01/a/1"]"#, #""needs":"hv01/a/1""#, "wrong-type",
        "domains[0].steps[0].needs: an array belongs here, not a string"
      ),
      (
        #""from":"unlimited""#, #""from":true"#, "invalid-value",
        """
        domains[0].steps[0].changes[0].from: this is no value of memtune.hardLimit, which takes \
        a size such as 8GiB, or unlimited
        """
      ),
      (
        #""max":8589934592"#, #""max":1"#, "invalid-value",
        "domains[0].fields[0].desired: min is above max"
      ),
      (
        #""live":6442450944"#, #""live":99999999999999999999"#, "invalid-value",
        """
        domains[0].fields[0].live: '99999999999999999999' is out of range
        """
      ),
      (
        #""path":"currentMemory""#, #""path":"memroy""#, "invalid-value",
        "domains[0].fields[0].path: this version knows no field 'memroy'"
      ),
      (
        #""basis":"sha256:b""#, #""basis":null"#, "invalid-value",
        "domains[0]: a domain with steps has a basis, an outcome, a uuid and a known host"
      ),
      (
        "v1alpha1", "v2", "unknown-plan-format",
        """
        format: 'virtmem/plan/v2' is of another version, and this one reads virtmem/plan/v1alpha1
        """
      ),
      (
        "virtmem/plan/v1alpha1", "virtmem/diagnostics/v1alpha1", "not-a-plan",
        "this is an output of virtmem ('virtmem/diagnostics/v1alpha1'), not a saved plan"
      ),
      (
        #""domains":2,"#, #""domains":2,"done":1,"#, "unknown-field",
        "summary.done: this version knows no such member"
      ),
      (
        "2026-08-22T", "2026-08-22 ", "invalid-value",
        "created: this is no point in time such as 2026-08-22T09:12:00Z"
      ),
      (
        #""to":12884901888"#, #""to":12884901889"#, "altered-plan",
        "id: this is not the hash of what the plan says, so the plan is not as it was saved"
      ),
      (
        #","live":"#, #", "live":"#, "altered-plan",
        "from here on the file is not byte for byte what virtmem writes"
      ),
    ])
  func mistakes(found: String, replaced: String, rule: String, summary: String) throws {
    try #require(Self.text.contains(found))
    let text = Self.text.replacing(found, with: replaced, maxReplacements: 1)
    let mistake = Self.mistake(in: text)
    #expect(mistake.hasPrefix("plan.json:1:"))
    #expect(mistake.hasSuffix(" \(rule) \(summary)"), "\(mistake)")
  }

  @Test(
    "the reader refuses a file that isn't a plan",
    arguments: ["", "\n", "null\n", "[]\n", "{}\n", "kind: Domain\n", #"{"format":1}"#])
  func other(text: String) {
    let mistake = Self.mistake(in: text)
    #expect(mistake.contains(":1:1 not-a-plan ") || mistake.contains("no plan: '1'"), "\(mistake)")
  }

  @Test("the reader says what is wrong with a file that is no JSON")
  func syntax() throws {
    let deep = Self.text.replacing(
      #""removed":[]"#, with: #""removed":"# + String(repeating: "[", count: 65))
    let place = try #require(Self.text.firstRange(of: #""removed":"#)).upperBound
    let column = Self.text.distance(from: Self.text.startIndex, to: place) + 1
    for (text, mistake) in [
      (String(Self.text.prefix(30)), "1:12 syntax this quote is never closed"),
      (String(Self.text.prefix(33)), "1:34 syntax a ',' or '}' is missing"),
      (String(Self.text.prefix(34)), "1:35 syntax a ',' or '}' is missing"),
      (
        Self.text.replacing(",", with: " ", maxReplacements: 1),
        "1:35 syntax a ',' or '}' is missing"
      ),
      (
        Self.text.replacing("Z\",", with: "Z,", maxReplacements: 1),
        "1:35 syntax a ',' or '}' is missing"
      ),
      (deep, "1:\(column + 63) too-deep objects and arrays are nested deeper than 64"),
      (Self.text.replacing("2026", with: "\u{85}"), "1:13 not-text the invisible character U+0085"),
    ] {
      let found = Self.mistake(in: text)
      #expect(found.hasPrefix("plan.json:\(mistake)"), "\(found)")
    }
    for (bytes, mistake) in [
      (Self.text.utf8.map { $0 == UInt8(ascii: "Z") ? 0xFF : $0 }, "the byte 0xFF is not UTF-8"),
      (Self.text.utf8.flatMap { [$0, 0] }, "the file is UTF-16, not UTF-8"),
    ] {
      let error = #expect(throws: InvalidPlan.self) { try Self.read(bytes) }
      #expect(error?.diagnostic.rule.name == "not-text")
      #expect(error?.diagnostic.summary == mistake)
      #expect(error?.diagnostic.detail == "The file may be cut off, or was edited.")
    }
  }

  @Test("the reader refuses anything but one JSON document that ends with its line")
  func bytes() {
    for text in [
      Self.text + "---\n", Self.text + "\n", Self.text + "# x\n", "\u{FEFF}" + Self.text,
      "---\n" + Self.text, Self.text + Self.text, Self.text.replacing("\n", with: "\r\n"),
    ] {
      #expect(Self.mistake(in: text) != "none")
    }
  }
}
