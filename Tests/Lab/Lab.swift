// SPDX-License-Identifier: Apache-2.0
import Foundation
import LibvirtClient
import MemoryModel
import Synchronization
import Testing

/// A libvirtd of the tests' own with real guests: started once a run, gone when the run is.
///
/// `keep-libvirtd` holds the daemon for as long as our end of a pipe is open, so that nothing is
/// left behind however the run ends.
final class Lab: Sendable {
  /// The lab of this run, or why there is none; no test of it is ever skipped.
  static let shared = Result { try Lab() }

  /// The project's folder.
  static let root = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  /// Where the daemon keeps everything; short, because of the socket in it.
  let state: String
  /// Where the guest's kernel and initramfs are.
  let image: String
  private let keeper: Keeper

  /// The URI of the lab's host.
  var uri: String { "qemu:///system?socket=\(state)/run/libvirt-sock" }

  private init() throws {
    try Self.checkPackages()
    let scripts = Self.root.appending(path: "Tests/Lab")
    let recipe = try Data(contentsOf: scripts.appending(path: "build-guest"))
    image = Self.root.appending(path: ".build/lab/guest-\(Self.hash(recipe))").path
    if !FileManager.default.fileExists(atPath: image + "/vmlinuz") {
      let built = try Command.run([scripts.appending(path: "build-guest").path, image])
      guard built.status == 0 else {
        throw LabError("The guest's image could not be built: \(built.output)\(built.errors)")
      }
    }
    // One lab a clone of the project: a second run would take the first one's for a left-over.
    state = "/tmp/virtmem-lab-\(Self.hash(Self.root.path.utf8))"
    keeper = try Keeper(script: scripts.appending(path: "keep-libvirtd").path, state: state)
    try awaitDaemon()
    try FileManager.default.createDirectory(
      atPath: state + "/guests", withIntermediateDirectories: true)
  }

  /// A short name for `bytes`, so that what was made of others is not taken for what is made of them.
  private static func hash(_ bytes: some Sequence<UInt8>) -> String {
    String(bytes.reduce(UInt32(5381)) { ($0 &* 33) ^ UInt32($1) }, radix: 36)
  }

  private static func checkPackages() throws {
    guard geteuid() == 0 else {
      throw LabError("The lab runs a libvirtd of its own, which only root may.")
    }
    let needed = [
      ("/usr/sbin/libvirtd", "libvirt-daemon libvirt-daemon-system"),
      (
        "/usr/lib/x86_64-linux-gnu/libvirt/connection-driver/libvirt_driver_qemu.so",
        "libvirt-daemon-driver-qemu"
      ),
      ("/usr/bin/virsh", "libvirt-clients"), ("/usr/bin/qemu-system-x86_64", "qemu-system-x86"),
      ("/bin/busybox", "busybox-static"),
    ]
    let missing = needed.filter { !FileManager.default.fileExists(atPath: $0.0) }.map(\.1)
    guard missing.isEmpty else {
      throw LabError(
        """
        The lab needs packages that are not installed: \(missing.joined(separator: " ")). \
        `make lab` installs them.
        """)
    }
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

  /// Kills the daemon as a crash would, and starts it again; its guests go on.
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

  /// What virsh says to `arguments`.
  @discardableResult
  func virsh(_ arguments: String...) throws -> String {
    let result = try Command.run(["/usr/bin/virsh", "-q", "-c", uri] + arguments)
    guard result.status == 0 else {
      throw LabError("virsh \(arguments.joined(separator: " ")): \(result.errors)")
    }
    return result.output
  }

  /// Runs virsh on a list of commands, one a line.
  func virsh(script: String) throws {
    let file = state + "/script"
    try script.write(toFile: file, atomically: true, encoding: .utf8)
    let result = try Command.run(["/bin/sh", "-c", "exec virsh -q -c '\(uri)' <'\(file)'"])
    guard result.status == 0 else { throw LabError("virsh: \(result.errors)") }
  }

  /// Writes a file that goes with the lab, and gives its path.
  func file(_ name: String, _ text: String) throws -> String {
    let file = "\(state)/guests/\(name)"
    try text.write(toFile: file, atomically: true, encoding: .utf8)
    return file
  }

  /// A connection to the lab's host.
  func connect(
    _ access: Access = .readWrite, callTimeout: Duration = .seconds(60)
  ) async throws -> LibvirtHost {
    try await LibvirtHost.connect(
      uri: uri, access: access, connectTimeout: .seconds(20), callTimeout: callTimeout)
  }
}

/// Why the lab can't be had, or did not do as it was told.
struct LabError: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) {
    self.description = description
  }
}

/// The process that keeps the daemon as long as it hears from us.
private final class Keeper: Sendable {
  private let input: Mutex<FileHandle>

  init(script: String, state: String) throws {
    let process = Process()
    let pipe = Pipe()
    process.executableURL = URL(filePath: script)
    process.arguments = [state]
    let answer = Pipe()
    process.standardInput = pipe
    process.standardOutput = answer
    try process.run()
    // A daemon that an earlier run left would answer in the place of ours.
    guard !answer.fileHandleForReading.availableData.isEmpty else {
      throw LabError("The lab could not be started; another run of it may be using \(state).")
    }
    input = Mutex(pipe.fileHandleForWriting)
    _ = fcntl(pipe.fileHandleForWriting.fileDescriptor, F_SETFD, FD_CLOEXEC)
    Self.descriptor.store(pipe.fileHandleForWriting.fileDescriptor, ordering: .relaxed)
    Self.process.store(process.processIdentifier, ordering: .relaxed)
    atexit {
      close(Keeper.descriptor.load(ordering: .relaxed))
      // So that the run ends after its daemon.
      waitpid(Keeper.process.load(ordering: .relaxed), nil, 0)
    }
  }

  private static let descriptor = Atomic<Int32>(-1)
  private static let process = Atomic<pid_t>(-1)

  func restart() throws {
    try input.withLock { try $0.write(contentsOf: Data("start\n".utf8)) }
  }
}
