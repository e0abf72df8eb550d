// SPDX-License-Identifier: Apache-2.0

import MemoryModel
import TestSupport
import Testing

@testable import Commands

@Suite("--shard, and show of several files") struct ShardTests {
  /// Hosts with a domain each; hv1 is in the first of two parts, and so on by their names.
  static func scene(hosts count: Int) throws -> (scene: Scene, path: String) {
    let scene = try Scene()
    var manifest = ""
    for number in 0..<count {
      let uri = "qemu+tls://hv\(number)/system"
      scene.hosts[uri] = SimulatedHypervisor(
        Scene.host([.running("web-\(number)")], uuid: "host-\(number)"))
      manifest += """
        ---
        apiVersion: virtmem.io/v1alpha1
        kind: Host
        metadata: {name: hv\(number)}
        spec: {uri: \(uri)}
        ---
        apiVersion: virtmem.io/v1alpha1
        kind: Domain
        metadata: {name: web-\(number)}
        spec: {host: hv\(number), memtune: {hardLimit: 24GiB}}

        """
    }
    return (scene, try scene.manifest(manifest))
  }

  @Test("the shards connect to each host once, and their documents joined are the run's")
  func shards() async throws {
    let (scene, path) = try Self.scene(hosts: 6)
    let whole = await scene.run("plan", path, "--format", "json")
    var files: [String] = []
    for number in 1...3 {
      files.append(scene.path("\(number).json"))
      let outcome = await scene.run(
        "plan", path, "--shard", "\(number)/3", "--out", files.last ?? "")
      #expect(outcome.status == 0)
    }
    let joined = await scene.run("show", "--format", "json", with: files)
    #expect(joined.status == 0)
    let id = try #require(whole.output.firstMatch(of: /"id":("sha256:[0-9a-f]*")/)).1
    #expect(joined.output == whole.output.replacing(id, with: "null"))
    let text = await scene.run("show", with: files)
    #expect(
      text.errors
        == "Planned from \(scene.timestamp) to \(scene.timestamp), in several documents.\n")
    #expect(text.output.contains("6 domains: 6 to change."))
  }

  @Test("a shard without Hosts is an empty document, with status 0")
  func empty() async throws {
    let (scene, path) = try Self.scene(hosts: 1)
    var empty = 0
    for number in 1...2 {
      let outcome = await scene.run("plan", path, "--shard", "\(number)/2", "--format", "json")
      #expect(outcome.status == 0)
      empty += outcome.output.contains(#""hosts":[]"#) ? 1 : 0
    }
    #expect(empty == 1)
  }

  @Test("a selected domain in another shard is no mistake")
  func selection() async throws {
    let (scene, path) = try Self.scene(hosts: 2)
    for number in 1...2 {
      let outcome = await scene.run("plan", path, "--shard", "\(number)/2", "--domain", "web-0")
      #expect(outcome.status == 0)
    }
    #expect(
      await scene.run("plan", path, "--shard", "1/2", "--domain", "web-9").status == 64)
  }

  @Test("a Domain that names no host is a mistake with its place", arguments: ["plan", "drift"])
  func withoutHost(command: String) async throws {
    let scene = try Scene(.web)
    let path = try scene.manifest(Manifest.change)
    let outcome = await scene.run(command, path, "--shard", "1/2")
    #expect(outcome.status == 65)
    #expect(outcome.errors.contains("web: the Domain does not declare its host"))
    #expect(outcome.errors.contains("\(path):"))
  }

  @Test(
    "--shard takes I/N, and no saved plan or definition",
    arguments: [
      ["plan", "M", "--shard", "3/2"], ["plan", "M", "--shard", "1"],
      ["apply", "--plan", "p.json", "--shard", "1/2", "--auto-approve"],
      ["plan", "M", "--shard", "1/2", "--persistent-xml", "d.xml"],
    ])
  func usage(arguments: [String]) async throws {
    let (scene, path) = try Self.scene(hosts: 1)
    let all = arguments.map { $0 == "M" ? path : $0 }
    #expect(await scene.run(all[0], with: Array(all.dropFirst())).status == 64)
  }

  @Test("what a change leaves is named by one shard only")
  func removed() async throws {
    let (scene, path) = try Self.scene(hosts: 4)
    let old = try scene.file(
      "old.yaml",
      scene.text(of: "fleet.yaml").replacing("hardLimit: 24GiB", with: "softLimit: 9GiB"))
    var left = 0
    for number in 1...2 {
      let outcome = await scene.run("plan", path, "--changed-from", old, "--shard", "\(number)/2")
      left += outcome.output.matches(of: /no longer managed: [^ ]+ memtune.softLimit/).count
    }
    #expect(left == 4)
  }

  @Test("no apply takes joined documents")
  func joinedIsForReading() async throws {
    let (scene, path) = try Self.scene(hosts: 2)
    let files = [scene.path("1.json"), scene.path("2.json")]
    for number in 1...2 {
      _ = await scene.run("plan", path, "--shard", "\(number)/2", "--out", files[number - 1])
    }
    let joined = scene.path("all.json")
    _ = await scene.run("show", "--report", "json=\(joined)", with: files)
    #expect(await scene.run("show", joined).status == 0)
    let outcome = await scene.run("apply", "--plan", joined, "--auto-approve")
    #expect(outcome.status == 65)
    #expect(outcome.errors.contains("joins several documents"))
  }

  @Test("the reports of the shards of an apply are shown as one, with the worst status")
  func reports() async throws {
    let (scene, path) = try Self.scene(hosts: 2)
    scene.hosts["qemu+tls://hv1/system"] = nil
    var statuses: [Int32] = []
    let files = [scene.path("1.json"), scene.path("2.json")]
    for number in 1...2 {
      let report = "json=\(files[number - 1])"
      let outcome = await scene.run(
        "apply", path, "--shard", "\(number)/2", "--auto-approve", "--report", report)
      statuses.append(outcome.status)
    }
    let joined = await scene.run("show", with: files)
    #expect(joined.status == statuses.max() && joined.status == 5)
  }

  @Test("files of two commands, and a domain twice, are mistakes")
  func notOneRun() async throws {
    let (scene, path) = try Self.scene(hosts: 1)
    let (plan, drift) = (scene.path("plan.json"), scene.path("drift.json"))
    _ = await scene.run("plan", path, "--out", plan)
    _ = await scene.run("drift", path, "--out", drift)
    for files in [[plan, drift], [plan, plan]] {
      let outcome = await scene.run("show", with: files)
      #expect(outcome.status == 65)
      #expect(outcome.errors.contains("(not-one-run)"))
    }
  }

  @Test(
    "schema prints the schema of plans too",
    arguments: [("plan", "plan.json"), ("manifest", "manifest.json")])
  func schema(subject: String, name: String) async throws {
    let scene = try Scene()
    let outcome = await scene.run("schema", subject)
    #expect(outcome.status == 0)
    #expect(outcome.output.contains("schemas/v1alpha1/\(name)"))
  }
}
