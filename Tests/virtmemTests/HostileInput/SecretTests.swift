// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

/// A secret is in no output and in no file that the program writes, wherever it comes from.
@Suite struct SecretTests {
  private static let marker = "MARK0815"

  /// A place that holds the marker.
  enum Source: String, CaseIterable {
    /// Passwords, serials and texts in the domain's definition on the host.
    case definition
    /// The same with libvirt's own log switched on.
    case log
    /// A definition in a file that is no XML.
    case file
    /// A definition that the host's own file names.
    case nestedFile
    /// A link in the folder of manifests that leads out of it.
    case link
    /// The password in the URI of `--connect`.
    case connection
    /// The password in `LIBVIRT_DEFAULT_URI`.
    case defaultURI
    /// A password for libvirt's client.
    case credentials
    /// The token in the addresses that a CI job has.
    case job
  }

  /// Arguments and variables for commands that meet a secret.
  private struct Scene {
    let sandbox: Sandbox
    /// The connection's URI; nil for libvirt's default.
    var uri: String?
    var variables: [String: String] = [:]
    let fleet: String

    init(_ source: Source) throws {
      sandbox = try Sandbox()
      fleet = sandbox.folder.appending(path: "fleet").path
      try sandbox.file("fleet/web.yaml", Manifest.change)
      let secret = try sandbox.file("secret", "\(SecretTests.marker)\nroot:\(SecretTests.marker)\n")
      uri = try sandbox.node([TestDomain("web", more: SecretTests.content)])
      switch source {
      case .definition: break
      case .log: variables = ["LIBVIRT_DEBUG": "1", "LIBVIRT_LIBSSH_DEBUG": "9"]
      case .file: uri = "test://\(secret)"
      case .nestedFile:
        uri = "test://" + (try sandbox.file("nested.xml", "<node><domain file='secret'/></node>"))
      case .link:
        try FileManager.default.createSymbolicLink(
          atPath: "\(fleet)/a.yaml", withDestinationPath: secret)
      case .connection: uri = try remote()
      case .defaultURI: (uri, variables["LIBVIRT_DEFAULT_URI"]) = (nil, try remote())
      case .credentials:
        variables["LIBVIRT_AUTH_FILE"] = try sandbox.file(
          "auth.conf",
          "[credentials-a]\nusername=a\npassword=\(SecretTests.marker)\n[auth-esx-h]\ncredentials=a\n"
        )
        uri = "esx://h/"
      case .job:
        for name in ["GITHUB_SERVER_URL", "CI_JOB_URL", "CI_REPOSITORY_URL"] {
          variables[name] = "https://token:\(SecretTests.marker)@ci.example.org"
        }
        variables["GITHUB_ACTIONS"] = "true"
        variables["GITLAB_CI"] = "true"
        (variables["GITHUB_RUN_ID"], variables["CI_COMMIT_SHA"]) = ("1", "2")
      }
    }

    /// A URI with a password, for an ssh that repeats it in the ways that ssh has.
    private mutating func remote() throws -> String {
      let password = SecretTests.marker
      let ssh = try sandbox.file(
        "bin/ssh",
        "#!/bin/sh\necho \"$@\" root:\(password)@h: Permission denied >&2\necho '\(password)' >&2\nexit 255\n"
      )
      try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: ssh)
      variables["PATH"] = "\(sandbox.folder.path)/bin:/usr/bin:/bin"
      return "qemu+ssh://root:\(password)@h/system?keyfile=/\(password)"
    }

    /// Every command that connects, and those that read what they leave.
    var commands: [[String]] {
      let connection = uri.map { ["-c", $0] } ?? []
      return [
        ["validate", fleet], ["plan", fleet, "-v", "--out", "plan.json"] + connection,
        ["plan", fleet, "--format", "json"] + connection, ["drift", fleet, "-v"] + connection,
        ["show", "plan.json", "-v"], ["export"] + connection,
        ["export", "--out", "exported"] + connection, ["observe"] + connection,
        ["apply", "--plan", "plan.json", "--auto-approve", "--audit", "audit"] + connection,
        ["apply", fleet, "--auto-approve", "--audit", "audit", "--format", "json"] + connection,
      ]
    }
  }

  /// Content of a domain with a secret wherever a definition has room for one.
  private static let content = """
    <title>\(marker)</title><description>\(marker)</description>
    <metadata><x:y xmlns:x="urn:x">\(marker)</x:y></metadata>
    <devices>
      <memballoon model="virtio"/>
      <disk type="network">
        <auth username="\(marker)"><secret type="ceph" usage="\(marker)"/></auth>
        <source protocol="rbd" name="pool/\(marker)"/><target dev="vda"/><serial>\(marker)</serial>
      </disk>
      <graphics type="vnc" port="5900" passwd="\(marker)"/>
    </devices>
    """

  @Test("no secret is in an output or in a file that a command writes", arguments: Source.allCases)
  func secrets(source: Source) throws {
    let scene = try Scene(source)
    let own = try files(in: scene.sandbox.folder)
    for command in scene.commands {
      let outcome = try scene.sandbox.run(command, environment: scene.variables)
      #expect(!outcome.output.contains(Self.marker), "\(command): \(outcome.output)")
      #expect(!outcome.errors.contains(Self.marker), "\(command): \(outcome.errors)")
    }
    // The sandbox itself writes the files for standard output and standard error.
    for file in try files(in: scene.sandbox.folder).subtracting(own) {
      let text = try scene.sandbox.text(of: file)
      #expect(!text.contains(Self.marker), "\(file): \(text)")
    }
  }

  @Test("the commands meet the domain whose definition holds the secrets")
  func meetsDomain() throws {
    let scene = try Scene(.definition)
    let statuses = try scene.commands.map { try scene.sandbox.run($0).status }
    #expect(statuses == [0, 0, 0, 2, 0, 0, 0, 0, 0, 0])
    #expect(
      try files(in: scene.sandbox.folder).isSuperset(of: [
        "plan.json", "audit", "exported/default/web.yaml",
      ]))
  }

  private func files(in folder: URL) throws -> Set<String> {
    let paths = try FileManager.default.subpathsOfDirectory(atPath: folder.path)
    return Set(
      paths.filter { path in
        let attributes = try? FileManager.default.attributesOfItem(
          atPath: folder.appending(path: path).path)
        return attributes?[.type] as? FileAttributeType == .typeRegular
      })
  }
}
