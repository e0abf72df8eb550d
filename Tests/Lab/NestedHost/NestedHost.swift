// SPDX-License-Identifier: Apache-2.0
import Foundation
import Synchronization
import Testing

/// The tests' own host, in a QEMU under TCG, with features that this machine may lack.
///
/// It has two NUMA nodes, cgroup v2, pages of 1 GiB, sshd and TLS, and its QEMU is not root. It is
/// built once, frozen with two running guests, and restored in seconds. `keep-host` holds it while
/// this process's end of a pipe is open.
final class NestedHost: Sendable {
  /// This run's host, or the reason why there is none; its tests are never skipped.
  static let shared = Result { try NestedHost() }

  /// A transport to the host's libvirtd.
  enum Transport: CaseIterable {
    case ssh
    case tls
    case tcp
  }

  private let image: String
  private let state: String
  private let keeper: Mutex<(input: FileHandle, output: FileHandle)>
  private let ports = Mutex<[String]>([])

  private init() throws {
    try Self.checkPackages()
    let guest = try Lab.built("build-guest", as: "guest")
    let recipe =
      ["build-guest"]
      + (try FileManager.default.contentsOfDirectory(
        atPath: Self.script("nested"))).sorted().map { "nested/\($0)" }
    image = try Lab.built("nested/build-host", as: "nested", of: recipe, [guest])
    state = "/tmp/virtmem-nested-\(Lab.hash(Lab.root.path.utf8))"
    let (process, input, output) = (Process(), Pipe(), Pipe())
    process.executableURL = URL(filePath: Self.script("nested/keep-host"))
    process.arguments = [image, state]
    (process.standardInput, process.standardOutput) = (input, output)
    try process.run()
    keeper = Mutex((input.fileHandleForWriting, output.fileHandleForReading))
    let end = input.fileHandleForWriting.fileDescriptor
    _ = fcntl(end, F_SETFD, FD_CLOEXEC)
    Self.descriptor.store(end, ordering: .relaxed)
    Self.process.store(process.processIdentifier, ordering: .relaxed)
    atexit {
      close(NestedHost.descriptor.load(ordering: .relaxed))
      // This makes the run end after its host.
      waitpid(NestedHost.process.load(ordering: .relaxed), nil, 0)
    }
    try awaitReady()
    try FileManager.default.createDirectory(
      atPath: state + ".files", withIntermediateDirectories: true)
  }

  private static let descriptor = Atomic<Int32>(-1)
  private static let process = Atomic<pid_t>(-1)

  // MARK: Freezing

  /// Restores the host's frozen state.
  func restore() throws {
    try keeper.withLock { try $0.input.write(contentsOf: Data("restore\n".utf8)) }
    try awaitReady()
  }

  private func awaitReady() throws {
    let line = keeper.withLock { String(decoding: $0.output.availableData, as: UTF8.self) }
    let words = line.split(whereSeparator: \.isWhitespace).map(String.init)
    guard words.first == "ready", words.count == 4 else {
      throw LabError("The nested host is not there, or another run uses \(state): \(line)")
    }
    ports.withLock { $0 = Array(words.dropFirst()) }
  }

  /// Whether the host's kernel panicked, which ends QEMU.
  var hasPanicked: Bool {
    let text = (try? String(contentsOfFile: state + "/pid", encoding: .utf8)) ?? ""
    let pid = text.trimmingCharacters(in: .whitespacesAndNewlines)
    let status = (try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8)) ?? ""
    return status.isEmpty || status.contains(") Z ")
  }

  // MARK: Access

  /// The URI of the host's libvirtd, over a transport that trusts the host's key or certificate.
  func uri(_ transport: Transport = .ssh) throws -> String {
    let ports = ports.withLock(\.self)
    switch transport {
    case .ssh:
      let host = try String(contentsOfFile: image + "/host_key", encoding: .utf8)
      return try sshURI(knowing: "[127.0.0.1]:\(ports[0]) \(host)")
    case .tls:
      return "qemu+tls://127.0.0.1:\(ports[2])/system?pkipath=\(image)/pki"
    case .tcp:
      return "qemu+tcp://127.0.0.1:\(ports[1])/system"
    }
  }

  /// The URI over an ssh that knows only the hosts in these lines.
  func sshURI(knowing hosts: String) throws -> String {
    let known = try file("known-hosts", hosts)
    let ssh = try file(
      "ssh",
      """
      #!/bin/sh
      exec ssh -i '\(image)/key' -o UserKnownHostsFile='\(known)' -o BatchMode=yes "$@"

      """)
    unsafe chmod(ssh, 0o700)
    let port = ports.withLock { $0[0] }
    return "qemu+ssh://root@127.0.0.1:\(port)/system?command=\(ssh)"
  }

  /// The file that ``sshURI(knowing:)`` writes, which each ssh has on its command line.
  var knownHosts: String { state + ".files/known-hosts" }

  /// The output of `command` in a shell on the host.
  @discardableResult
  func run(_ command: String) throws -> String {
    let result = try attempt(command)
    guard result.status == 0 else {
      throw LabError("In the nested host, `\(command)`: \(result.output)\(result.errors)")
    }
    return result.output
  }

  /// The result of `command` in a shell on the host.
  func attempt(_ command: String) throws -> Command.Result {
    let port = ports.withLock { $0[0] }
    return try Command.run([Self.script("nested/in-host"), image, port, command])
  }

  /// Writes a file beside the host's folder, and returns its path.
  func file(_ name: String, _ text: String) throws -> String {
    let path = "\(state).files/\(name)"
    try text.write(toFile: path, atomically: true, encoding: .utf8)
    return path
  }

  // MARK: Building

  private static func script(_ name: String) -> String {
    Lab.root.appending(path: "Tests/Lab/\(name)").path
  }

  private static func checkPackages() throws {
    let needed = [
      ("/usr/sbin/debootstrap", "debootstrap"), ("/usr/sbin/mke2fs", "e2fsprogs"),
      ("/usr/bin/ssh", "openssh-client"), ("/usr/bin/openssl", "openssl"),
      ("/usr/bin/qemu-img", "qemu-utils"), ("/usr/bin/qemu-system-x86_64", "qemu-system-x86"),
      ("/bin/busybox", "busybox-static"), ("/usr/bin/virsh", "libvirt-clients"),
    ]
    let missing = needed.filter { !FileManager.default.fileExists(atPath: $0.0) }.map(\.1)
    guard missing.isEmpty, geteuid() == 0 else {
      throw LabError(
        """
        The nested host is built by root, with packages that are not installed: \
        \(missing.joined(separator: " ")). `make lab-nested` installs them.
        """)
    }
  }
}

/// Restores the nested host's frozen state before each test, and repeats the test if the host's
/// kernel panicked: under TCG that happens once in a hundred starts of a guest.
struct OnNestedHost: SuiteTrait, TestTrait, TestScoping {
  let isRecursive = true

  func provideScope(
    for test: Test, testCase: Test.Case?,
    performing function: @concurrent @Sendable () async throws -> Void
  ) async throws {
    guard testCase != nil else { return try await function() }
    let host = try NestedHost.shared.get()
    try host.restore()
    try await withKnownIssue("the nested host's kernel has panicked", isIntermittent: true) {
      try await function()
    } matching: { _ in
      host.hasPanicked
    }
    guard host.hasPanicked else { return }
    try host.restore()
    try await function()
  }
}

extension Trait where Self == OnNestedHost {
  /// On the nested host, in its frozen state.
  static var onNestedHost: OnNestedHost { OnNestedHost() }
}
