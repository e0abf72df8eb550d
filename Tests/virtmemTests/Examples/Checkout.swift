// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing
import YAML

/// A folder as a pipeline's job has it, with the demo's host on libvirt's test driver.
///
/// It has the project's manifests in `fleet/`, an older state in `base/fleet/`, and virtmem on the
/// PATH.
struct Checkout {
  /// The project's own folder.
  static let project = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
  /// The URI of the demo's host.
  static let uri = "test://\(project.path)/examples/demo/host.xml"

  let sandbox: Sandbox
  private let hasHosts: Bool

  /// Makes the folder.
  ///
  /// Without Hosts in `fleet/`, the variable LIBVIRT_DEFAULT_URI names the demo's host.
  init(hasHosts: Bool = false) throws {
    self.hasHosts = hasHosts
    sandbox = try Sandbox()
    let files = FileManager.default
    try files.copyItem(
      at: Self.project.appending(path: "manifests"), to: sandbox.folder.appending(path: "fleet"))
    try sandbox.file("base/fleet/none.yaml", "")
    try files.createDirectory(
      at: sandbox.folder.appending(path: "bin"), withIntermediateDirectories: false)
    try files.createSymbolicLink(
      at: sandbox.folder.appending(path: "bin/virtmem"), withDestinationURL: Sandbox.program)
    if hasHosts { try sandbox.file("fleet/hosts.yaml", Self.host(at: Self.uri)) }
  }

  /// The path of a file in the folder.
  func path(of file: String) -> String { sandbox.folder.appending(path: file).path }

  /// A manifest of a host.
  static func host(at uri: String, name: String = "hv01") -> String {
    "apiVersion: virtmem.io/v1alpha1\nkind: Host\nmetadata: {name: \(name)}\nspec: {uri: \"\(uri)\"}\n"
  }

  /// Puts manifests of the demo's domains as they are in the place of `fleet/`.
  func alignFleet() throws {
    try FileManager.default.removeItem(at: sandbox.folder.appending(path: "fleet"))
    let export = try sandbox.run(["export", "-c", Self.uri])
    try sandbox.file("fleet/all.yaml", export.output)
  }

  /// Declares of each domain in `fleet/` that it is on `hv01`.
  func nameHosts() throws {
    for name in ["batch", "database", "web"] {
      let file = "fleet/\(name).yaml"
      let text = try sandbox.text(of: file)
      try sandbox.file(file, text.replacing("\nspec:\n", with: "\nspec:\n  host: hv01\n"))
    }
  }

  /// A shell as a runner starts it, for a script in a file.
  enum Shell: Sendable, CaseIterable {
    /// GitHub's `shell: bash`.
    case github
    /// GitLab's, in an image that has bash.
    case gitlab
    /// GitLab's, in an image without bash.
    case gitlabWithoutBash
    /// `sh -c` in a container.
    case container

    /// The program and its arguments, but for the script.
    fileprivate var command: [String] {
      switch self {
      case .github: ["/usr/bin/bash", "--noprofile", "--norc", "-eo", "pipefail"]
      case .gitlab: ["/usr/bin/bash", "-eo", "pipefail"]
      case .gitlabWithoutBash: ["/bin/sh", "-e"]
      case .container: ["/bin/sh", "-c"]
      }
    }
  }

  /// Runs a script as a runner does, with the test's files in the place of the machine's.
  func run(
    _ script: String, in shell: Shell = .github, _ more: [String: String] = [:]
  ) throws -> Outcome {
    let folder = sandbox.folder.path
    let script =
      script
      .replacing("/usr/local/bin/virtmem", with: "\(folder)/bin/virtmem")
      .replacing("/etc/virtmem", with: "\(folder)/fleet")
      .replacing("/var/log/", with: "\(folder)/")
      .replacing("/var/lib/prometheus/node-exporter/", with: "\(folder)/")
      .replacing("qemu:///system", with: Self.uri)
    let path = "\(folder)/bin:\(ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin")"
    var variables = [
      "PATH": path, "RUNNER_TEMP": folder, "GITHUB_OUTPUT": "\(folder)/output",
      "GITHUB_STEP_SUMMARY": "\(folder)/summary",
    ]
    if !hasHosts { variables["LIBVIRT_DEFAULT_URI"] = Self.uri }
    let process = try sandbox.process([], variables.merging(more) { $1 })
    let command = shell.command
    process.executableURL = URL(filePath: command[0])
    process.arguments =
      command.dropFirst() + [shell == .container ? script : try sandbox.file("script", script)]
    try process.run()
    return try sandbox.end(of: process)
  }

  /// Runs a program of Tests/Tools on the project's files; returns its status and what it printed.
  static func check(with tool: String, _ arguments: [String]) throws -> Outcome {
    let process = Process()
    process.executableURL = project.appending(path: "Tests/Tools/run")
    process.arguments = [tool] + arguments
    process.currentDirectoryURL = project
    let output = Pipe()
    (process.standardOutput, process.standardError) = (output, output)
    process.standardInput = FileHandle.nullDevice
    try process.run()
    let bytes = try output.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    return Outcome(
      status: process.terminationStatus, output: String(decoding: bytes, as: UTF8.self), errors: "")
  }

  /// An example of YAML.
  static func example(_ path: String) throws -> YAMLNode {
    let file = project.appending(path: "examples/\(path)")
    let text = try String(contentsOf: file, encoding: .utf8)
    let (documents, _) = YAMLReader.read(YAMLSource(file: path, text: text))
    return try #require(documents.first)
  }
}
