// SPDX-License-Identifier: Apache-2.0
import CLibvirt
import Glibc
import MemoryModel
import Synchronization
import Testing

@testable import LibvirtClient

@Suite(.timeLimit(.minutes(1))) struct ConnectionTests {
  @Test("a host reports its driver, versions and name")
  func hostFacts() async throws {
    let host = try await TestNode().connect(.readOnly).observe(.everything)
    #expect(host.driver == .test)
    #expect(host.uri?.hasPrefix("test:///") == true)
    #expect(host.hypervisor?.name == "TEST" && host.hypervisor?.version != nil)
    #expect(host.libvirt >= Version(9, 0, 0))
    #expect(host.hostname != nil)
    #expect(!host.isSession)
    #expect(host.availableMemory == nil)
    #expect(host.domains.isEmpty)
  }

  @Test(
    "a connection that can't be opened is an error of kind connection",
    arguments: ["nonsense:///system", "qemu+unix:///system?socket=/no"])
  func noConnection(uri: String) async throws {
    let error = await failure { () throws(HypervisorError) in
      _ = try await LibvirtHost.connect(
        uri: uri, access: .readOnly, connectTimeout: .seconds(30), callTimeout: .seconds(30))
    }
    #expect(error?.kind == .connection)
    #expect(error?.call == "virConnectOpenAuth")
    #expect(error?.code != 0)
    #expect(error?.message.isEmpty == false)
  }

  @Test("a daemon that never answers costs the connect timeout")
  func connectTimeout() async throws {
    let socket = try SilentSocket()
    let start = MonotonicInstant.now
    let error = await failure { () throws(HypervisorError) in
      _ = try await LibvirtHost.connect(
        uri: "qemu+unix:///system?socket=\(socket.path)", access: .readOnly,
        connectTimeout: .milliseconds(200), callTimeout: .seconds(50))
    }
    #expect(error?.kind == .deadline)
    #expect(error?.call == "virConnectOpenAuth")
    #expect(MonotonicInstant.now < start + .seconds(40))
  }

  @Test("the client ends the processes of a connection that it gives up")
  func abandonedConnection() async throws {
    let transport = try SilentTransport()
    let error = await failure { () throws(HypervisorError) in
      _ = try await LibvirtHost.connect(
        uri: transport.uri, access: .readOnly, connectTimeout: .seconds(1),
        callTimeout: .seconds(50))
    }
    #expect(error?.kind == .deadline)
    let process = try #require(transport.process)
    // Then libvirt's stuck thread returns, and libvirt waits for its process.
    let limit = MonotonicInstant.now + .seconds(40)
    while kill(process, 0) == 0 && MonotonicInstant.now < limit { usleep(10_000) }
    #expect(kill(process, 0) != 0)
  }

  @Test("the client knows a thread's processes and ends them with the others")
  func threadsProcesses() async throws {
    let transport = try SilentTransport()
    let isOver = Semaphore()
    let thread = Mutex<pid_t>(0)
    try startThread {
      thread.withLock { $0 = gettid() }
      _ = try? Connection.open(transport.uri, .readOnly)
      isOver.signal()
    }
    let limit = MonotonicInstant.now + .seconds(40)
    while transport.process == nil && MonotonicInstant.now < limit { usleep(10_000) }
    let process = try #require(transport.process)
    #expect(ConnectionProcesses.note(startedBy: thread.withLock(\.self)) == [process])
    ConnectionProcesses.endAll()
    isOver.wait()
    #expect(ConnectionProcesses.children(of: thread.withLock(\.self)).isEmpty)
  }

  @Test("libvirt's error callback runs on a thread that Swift doesn't know")
  func foreignThread() async throws {
    let isDone = Semaphore()
    try startThread {
      _ = try? Connection.open("nonsense:///system", .readOnly)
      isDone.signal()
    }
    isDone.wait()
  }

  @Test("libvirt's event loop runs on the client's own thread")
  func eventLoop() async throws {
    #expect(eventLoopRuns)
    let isDone = Semaphore()
    addTimeout(isDone)
    isDone.wait()
  }

  @Test("a silent host costs its timeout and delays no other host")
  func silentHosts() async throws {
    let sockets = try (1...3).map { try SilentSocket("host-\($0)") }
    let node = try TestNode(TestDomain("web"))
    let start = MonotonicInstant.now
    async let silent = withTaskGroup(of: HypervisorError.Kind?.self) { group in
      for socket in sockets {
        group.addTask {
          await failure { () throws(HypervisorError) in
            _ = try await LibvirtHost.connect(
              uri: "qemu+unix:///system?socket=\(socket.path)", access: .readWrite,
              connectTimeout: .seconds(3), callTimeout: .seconds(50))
          }?.kind
        }
      }
      return await group.reduce(into: []) { $0.append($1) }
    }
    #expect(try await node.connect().onlyDomain().name == "web")
    #expect(MonotonicInstant.now < start + .seconds(3))
    #expect(await silent == [.deadline, .deadline, .deadline])
    #expect(MonotonicInstant.now < start + .seconds(40))
  }

  @Test("each connection to a node file has its own state")
  func separateStates() async throws {
    let node = try TestNode(TestDomain("web"))
    let (first, second) = (try await node.connect(), try await node.connect())
    let domain = try await first.onlyDomain()
    let change = Change(field: .currentMemory, from: nil, to: .size(.mebibytes(600)))
    try await first.perform(Call(.setMemory, on: .live, changes: [change]), on: domain)
    #expect(try await second.onlyDomain() == domain)
  }

  @Test(
    "a URI belongs to session mode if its path ends in /session",
    arguments: [
      ("qemu:///session", true), ("qemu+ssh://hv01/session?no_tty=1", true),
      ("qemu:///system", false), ("qemu:///system?socket=/run/session", false),
    ])
  func session(uri: String, isSession: Bool) {
    #expect(isSessionURI(uri) == isSession)
  }

  @Test("the passwords of an alias are those of every URI in libvirt.conf")
  func configuredPasswords() {
    let texts = ConnectionURIs.texts(
      in: """
        uri_aliases = [ "hv01=qemu+ssh://root:a'b@hv01/system", 'hv02=qemu+ssh://root:c"d@hv02/' ]
        uri_default = "qemu+ssh://root:e@f@hv03/system"  # for: x@y
        """)
    let shown = Secrets(ofURIs: texts).hiding(in: "root:a'b@hv01 root:c\"d@hv02 root:e@f@hv03: no")
    #expect(shown == "root:***@hv01 root:***@hv02 root:***@hv03: no")
    #expect(ConnectionURIs.secrets(of: "a://u:pw@h/") == Secrets(ofURIs: ["a://u:pw@h/"]))
  }

  @Test(
    "the client tells ssh not to ask on the terminal",
    arguments: [
      ("qemu+ssh://hv01/system", "qemu+ssh://hv01/system?no_tty=1"),
      ("qemu+ssh://hv01/system?keyfile=k", "qemu+ssh://hv01/system?keyfile=k&no_tty=1"),
      ("qemu+ssh://hv01/system?no_tty=0", "qemu+ssh://hv01/system?no_tty=0&no_tty=1"),
      ("qemu+SSH://hv01/no_tty=1", "qemu+SSH://hv01/no_tty=1?no_tty=1"),
      ("qemu+ssh://hv01/system?a=1;b=2", "qemu+ssh://hv01/system?a=1;b=2;no_tty=1"),
      ("qemu+ssh://hv01/system?a=1#b", "qemu+ssh://hv01/system?a=1&no_tty=1#b"),
      ("qemu:///system", "qemu:///system"),
    ])
  func noPrompts(uri: String, expected: String) {
    #expect(withoutPrompts(uri) == expected)
  }
}

/// A UNIX socket that accepts connections and never answers.
private final class SilentSocket: Sendable {
  let path: String
  private let descriptor: Int32

  init(_ name: String = "silent") throws {
    path = "/tmp/virtmem-test-\(getpid())-\(name)"
    unsafe unlink(path)
    descriptor = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: path.utf8) }
    let bound = unsafe withUnsafePointer(to: &address) { address in
      unsafe address.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        unsafe bind(descriptor, address, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    guard bound == 0, listen(descriptor, 4) == 0 else { throw TestFailure.noSocket }
  }

  deinit {
    close(descriptor)
    unsafe unlink(path)
  }
}

/// A program that libvirt starts to reach a host and that never answers.
private final class SilentTransport: Sendable {
  private let folder: String

  init() throws {
    var template = Array("/tmp/virtmem-test-XXXXXX".utf8CString)
    guard let path = unsafe mkdtemp(&template) else { throw TestFailure.noFile }
    folder = unsafe String(cString: path)
    guard let stream = unsafe fopen("\(folder)/transport", "w") else { throw TestFailure.noFile }
    unsafe fputs("#!/bin/sh\necho $$ >\(folder)/new\nmv \(folder)/new \(folder)/process\n", stream)
    unsafe fputs("exec sleep 300\n", stream)
    unsafe fclose(stream)
    unsafe chmod("\(folder)/transport", 0o700)
  }

  deinit {
    if let process { kill(process, SIGKILL) }
    for name in ["transport", "process"] { unsafe unlink("\(folder)/\(name)") }
    unsafe rmdir(folder)
  }

  var uri: String { "qemu+ext:///system?command=\(folder)/transport" }

  /// The program's process; nil before it runs.
  var process: pid_t? {
    guard let stream = unsafe fopen("\(folder)/process", "r") else { return nil }
    defer { unsafe fclose(stream) }
    var text = [CChar](repeating: 0, count: 32)
    unsafe fgets(&text, 32, stream)
    return pid_t(string(ofCharacters: text).prefix { $0.isNumber })
  }
}

/// Makes libvirt's event loop signal `isDone` once, by `virEventAddTimeout`.
private func addTimeout(_ isDone: LibvirtClient.Semaphore) {
  let opaque = unsafe Unmanaged.passRetained(isDone).toOpaque()
  unsafe virEventAddTimeout(
    0,
    { timer, opaque in
      virEventRemoveTimeout(timer)
      guard let opaque = unsafe opaque else { return }
      unsafe Unmanaged<LibvirtClient.Semaphore>.fromOpaque(opaque).takeRetainedValue().signal()
    }, opaque, nil)
}
