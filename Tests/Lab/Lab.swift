// SPDX-License-Identifier: Apache-2.0
import Foundation
import LibvirtClient
import MemoryModel
import Synchronization
import Testing

/// The tests' own libvirtd with real guests: started once per run and ended with it.
///
/// `keep-libvirtd` holds the daemon while this process's end of a pipe is open, so that nothing is
/// left however the run ends.
final class Lab: Sendable {
  /// This run's lab, or the reason why there is none; its tests are never skipped.
  static let shared = Result { try Lab() }
  /// A second lab of this run, whose daemon asks polkit what a user may do.
  ///
  /// It is one of its own, because polkit is asked at every call.
  static let guarded = Result { try Lab(rights: Rights.folder()) }

  /// The project's folder.
  static let root = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  /// The system or release that provides libvirtd.
  let host: LabHost
  /// The daemon's folder; its path is short because it holds the socket.
  let state: String
  /// The folder with the guest's kernel and initramfs, which a libvirtd in a chroot also sees.
  var image: String { state + "/image" }
  private let keeper: Keeper

  /// The URI of the lab's host.
  var uri: String { "qemu:///system?socket=\(state)/run/libvirt-sock" }

  /// Starts a daemon; with `rights`, one that asks polkit by the rules in that folder.
  private init(rights: String? = nil) throws {
    host = try LabHost(ProcessInfo.processInfo.environment["LAB_HOST"])
    try host.checkPackages()
    let guest = try Self.built("build-guest", as: "guest")
    let root = try host.suite.map { try Self.built("build-chroot", as: $0, [$0]) }
    // One lab per clone and host: a second run would end the first one's as a left-over.
    let place = Self.hash("\(Self.root.path) \(host)".utf8)
    state = "/tmp/virtmem-lab-\(place)" + (rights == nil ? "" : "-polkit")
    keeper = try Keeper(
      script: Self.script("keep-libvirtd"), arguments: [state] + (root.map { [$0] } ?? []),
      rights: rights)
    try awaitDaemon()
    try FileManager.default.copyItem(atPath: guest, toPath: image)
    try FileManager.default.createDirectory(
      atPath: state + "/guests", withIntermediateDirectories: true)
    let (libvirt, hypervisor) = try versions()
    print("lab: \(host) has libvirt \(libvirt), QEMU \(hypervisor)")
  }

  /// The path of one of the lab's scripts.
  static func script(_ name: String) -> String {
    root.appending(path: "Tests/Lab/\(name)").path
  }

  /// The folder that `script` builds, kept while the files of its recipe stay the same; without a
  /// recipe, the script itself counts.
  static func built(
    _ script: String, as name: String, of recipe: [String]? = nil, _ arguments: [String] = []
  ) throws -> String {
    let bytes = try (recipe ?? [script]).flatMap {
      try Data(contentsOf: URL(filePath: Self.script($0)))
    }
    let folder = root.appending(path: ".build/lab/\(name)-\(hash(bytes))").path
    guard !FileManager.default.fileExists(atPath: folder) else { return folder }
    let command = [Self.script(script)] + arguments + [folder]
    let log = folder + ".log"
    try FileManager.default.createDirectory(
      atPath: root.appending(path: ".build/lab").path, withIntermediateDirectories: true)
    let result = try Command.run(["/bin/sh", "-c", "exec \"$@\" >'\(log)' 2>&1", "sh"] + command)
    guard result.status == 0 else {
      let text = (try? String(contentsOfFile: log, encoding: .utf8)) ?? ""
      throw LabError("\(script) failed: \(text.suffix(2000))")
    }
    return folder
  }

  /// A short name for `bytes`, so that other input gets another folder.
  static func hash(_ bytes: some Sequence<UInt8>) -> String {
    String(bytes.reduce(UInt32(5381)) { ($0 &* 33) ^ UInt32($1) }, radix: 36)
  }

  // MARK: The daemon

  /// The daemon's process.
  var daemon: pid_t {
    get throws {
      let text = try String(contentsOfFile: state + "/libvirtd.pid", encoding: .utf8)
      guard let pid = pid_t(text.trimmingCharacters(in: .whitespacesAndNewlines)), pid > 1 else {
        throw LabError("libvirtd.pid holds no process number.")
      }
      return pid
    }
  }

  /// Whether the daemon runs.
  var isAlive: Bool { (try? daemon).map { kill($0, 0) == 0 } ?? false }

  /// Kills the daemon as a crash would; its guests continue.
  func crashDaemon() throws {
    kill(try daemon, SIGKILL)
  }

  /// Starts the daemon again after a crash.
  func restartDaemon() throws {
    try keeper.restart()
    try awaitDaemon()
  }

  private func awaitDaemon() throws {
    try eventually("libvirtd answers on \(uri)", within: .seconds(60)) {
      let answer = try Command.run(["/usr/bin/virsh", "-q", "-c", uri, "list"])
      return answer.status == 0
    } otherwise: {
      (try? String(contentsOfFile: self.state + "/libvirtd.log", encoding: .utf8)) ?? ""
    }
  }

  /// The versions of the running daemon and its QEMU.
  func versions() throws -> (libvirt: Version, hypervisor: Version) {
    let pattern = /Running (?:hypervisor|against daemon): (?:QEMU )?([0-9.]+)/
    let found = try virsh("version", "--daemon").matches(of: pattern)
      .compactMap { Version($0.output.1) }
    guard found.count == 2 else { throw LabError("virsh tells of no versions.") }
    return (found[1], found[0])
  }

  /// The output of virsh for `arguments`.
  @discardableResult
  func virsh(_ arguments: String...) throws -> String {
    let result = try Command.run(["/usr/bin/virsh", "-q", "-c", uri] + arguments)
    guard result.status == 0 else {
      throw LabError("virsh \(arguments.joined(separator: " ")): \(result.errors)")
    }
    return result.output
  }

  /// Runs virsh on a list of commands, one per line.
  func virsh(script: String) throws {
    let file = state + "/script"
    try script.write(toFile: file, atomically: true, encoding: .utf8)
    let result = try Command.run(["/bin/sh", "-c", "exec virsh -q -c '\(uri)' <'\(file)'"])
    guard result.status == 0 else { throw LabError("virsh: \(result.errors)") }
  }

  /// Writes a file into the lab's folder, and returns its path.
  func file(_ name: String, _ text: String) throws -> String {
    let file = "\(state)/guests/\(name)"
    try text.write(toFile: file, atomically: true, encoding: .utf8)
    return file
  }

  /// A connection to the lab's host, over `socket` in place of the daemon's own if it is given.
  func connect(
    _ access: Access = .readWrite, through socket: String? = nil,
    callTimeout: Duration = .seconds(60)
  ) async throws -> LibvirtHost {
    try await LibvirtHost.connect(
      uri: socket.map { "qemu:///system?socket=\($0)" } ?? uri, access: access,
      connectTimeout: .seconds(20), callTimeout: callTimeout)
  }
}

/// Why the lab can't start, or what failed in it.
struct LabError: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) {
    self.description = description
  }
}

/// The process that keeps the daemon while this process's pipe is open.
private final class Keeper: Sendable {
  private let input: Mutex<FileHandle>

  init(script: String, arguments: [String], rights: String?) throws {
    let process = Process()
    let pipe = Pipe()
    process.executableURL = URL(filePath: script)
    process.arguments = arguments
    process.environment = ProcessInfo.processInfo.environment
    process.environment?["POLKIT"] = rights
    let answer = Pipe()
    process.standardInput = pipe
    process.standardOutput = answer
    try process.run()
    // A daemon left by an earlier run would answer instead of this one.
    guard !answer.fileHandleForReading.availableData.isEmpty else {
      throw LabError("The lab could not be started; another run of it may be using \(arguments).")
    }
    input = Mutex(pipe.fileHandleForWriting)
    _ = fcntl(pipe.fileHandleForWriting.fileDescriptor, F_SETFD, FD_CLOEXEC)
    let end = End(
      descriptor: pipe.fileHandleForWriting.fileDescriptor, process: process.processIdentifier)
    let isFirst = Self.ends.withLock {
      $0.append(end)
      return $0.count == 1
    }
    guard isFirst else { return }
    atexit {
      let ends = Keeper.ends.withLock(\.self)
      for end in ends { close(end.descriptor) }
      // This makes the run end after its daemons.
      for end in ends { waitpid(end.process, nil, 0) }
    }
  }

  /// What ends a keeper: this process's end of its pipe.
  private struct End {
    let descriptor: Int32
    let process: pid_t
  }

  private static let ends = Mutex<[End]>([])

  func restart() throws {
    try input.withLock { try $0.write(contentsOf: Data("start\n".utf8)) }
  }
}
