// SPDX-License-Identifier: Apache-2.0
import Foundation
import LibvirtModel

/// Random domains that are exported, edited, exported again and started together.
final class SoakRound {
  /// The number of a round's domains: many, so that each run of the binary covers many.
  private static let size = 20

  let lab: Lab
  let comparison: Comparison
  let files: String
  var random: RandomDomain
  var counts = SoakCounts()
  var findings: [SoakFinding] = []
  private let prefix: String
  var domains: [SoakDomain] = []

  /// Huge pages for each of the domains that start at the same time.
  let hugePages: Int

  init(_ lab: Lab, seed: UInt64, number: Int, hugePages: Int) async throws {
    self.lab = lab
    self.hugePages = hugePages
    random = RandomDomain(seed: seed)
    prefix = "soak-\(number)-\(getpid())"
    comparison = try await Comparison(lab.connect())
    files = "\(lab.state)/guests/soak-files"
  }

  /// Runs the round and removes its domains from libvirt.
  func run() async throws {
    try makeFiles()
    try define()
    defer { try? virsh(domains.map { "undefine \($0.name)" }) }
    guard !domains.isEmpty else { return }
    try await exportAndPlan()
    for _ in 0..<6 { try await edit() }
    try await compare()
    try dump()
    try await exportAndPlan()
    try await start()
  }

  // MARK: Definitions

  private func makeFiles() throws {
    try FileManager.default.createDirectory(atPath: files, withIntermediateDirectories: true)
    for number in 0..<10 {
      let path = "\(files)/f\(number)"
      try Data().write(to: URL(filePath: path))
      let file = try FileHandle(forWritingTo: URL(filePath: path))
      try file.truncate(atOffset: 256 << 20)
      try file.close()
    }
  }

  private func define() throws {
    var commands: [String] = []
    for number in 0..<Self.size {
      let name = "\(prefix)-\(number)"
      let definition = random.anyDefinition(filesIn: files)
      commands.append("define \(try lab.file("\(name).xml", definition.xml(name, lab)))")
    }
    try virsh(commands)
    let listed = try lab.virsh("list", "--all", "--name", "--uuid").split(separator: "\n")
    domains = listed.compactMap { line in
      let words = line.split(separator: " ")
      guard words.count == 2, words[1].hasPrefix("\(prefix)-") else { return nil }
      return SoakDomain(name: String(words[1]), uuid: String(words[0]))
    }
    .sorted { $0.name < $1.name }
    counts.defined += domains.count
    counts.notDefined += Self.size - domains.count
    try dump()
  }

  /// Runs commands of virsh one after the other, and continues after a failure.
  func virsh(_ commands: [String]) throws {
    let file = try lab.file("\(prefix).virsh", commands.joined(separator: "\n") + "\n")
    let script = "exec virsh -q -c '\(lab.uri)' <'\(file)' >/dev/null 2>&1"
    _ = try Command.run(["/bin/sh", "-c", script])
  }

  /// Reads every domain's persistent definition.
  func dump() throws {
    let commands = domains.map { "dumpxml --inactive \($0.uuid)" }.joined(separator: "; ")
    let text = try lab.virsh(commands)
    let parts = text.components(separatedBy: "</domain>\n").dropLast()
    let all = parts.map { $0.drop { $0 != "<" } + "</domain>\n" }
    guard all.count >= domains.count else { throw LabError("virsh shows too few definitions.") }
    for (index, domain) in domains.enumerated() { domain.xml = String(all[index]) }
  }

  func find(
    _ slug: String, _ domain: SoakDomain, _ what: String, manifest: String, xml: String? = nil
  ) {
    // The lab's files don't exist elsewhere.
    let texts = [manifest, xml ?? domain.xml].map { $0.replacing(lab.state, with: "/var/lib/lab") }
    findings.append(
      SoakFinding(
        slug: slug, what: "\(domain.name): \(what)", libvirt: comparison.libvirt,
        manifest: texts[0], persistent: texts[1]))
  }

  // MARK: Exports

  /// Expects that the plan from an export is empty.
  private func exportAndPlan() async throws {
    for domain in domains { domain.manifest = "" }
    let folder = "\(lab.state)/guests/\(prefix)-export"
    try? FileManager.default.removeItem(atPath: folder)
    let export = try virtmem(["export", "--out", folder] + domains.map(\.name))
    guard export.status == 0 else {
      throw LabError("virtmem export ended with \(export.status): \(export.errors)")
    }
    for domain in domains {
      let file = "\(folder)/default/\(domain.name).yaml"
      domain.manifest = try String(contentsOfFile: file, encoding: .utf8)
    }
    let plan = try plan(domains, \.manifest)
    for domain in domains {
      guard let planned = plan[domain.name] else {
        find("export-is-not-planned", domain, "\(plan.how)", manifest: domain.manifest)
        continue
      }
      if planned.verdict == "inSync" && planned.blockers.isEmpty {
        counts.exports += 1
      } else {
        find("export-plans-something", domain, planned.text, manifest: domain.manifest)
      }
    }
  }

  // MARK: The binary

  func virtmem(_ arguments: [String]) throws -> Command.Result {
    try Command.run([try Command.virtmem] + arguments + ["-c", lab.uri])
  }

  func manifest(
    _ domains: [SoakDomain], _ text: KeyPath<SoakDomain, String>
  ) throws -> String {
    try lab.file("\(prefix).yaml", domains.map { $0[keyPath: text] }.joined(separator: "---\n"))
  }

  func plan(
    _ domains: [SoakDomain], _ text: KeyPath<SoakDomain, String>
  ) throws -> PlanView {
    PlanView(try virtmem(["plan", try manifest(domains, text), "--format", "json"]))
  }
}

/// A domain of a round.
final class SoakDomain {
  let name: String
  let uuid: String
  /// The persistent definition that was read last.
  var xml = ""
  /// The last export, and the last edit.
  var manifest = ""
  var edit = ""

  init(name: String, uuid: String) {
    self.name = name
    self.uuid = uuid
  }
}
