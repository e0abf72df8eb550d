// SPDX-License-Identifier: Apache-2.0
import Glibc
import MemoryModel
import Testing

@testable import LibvirtClient

@Suite struct LibvirtValuesTests {
  @Test(
    "a domain's pause reason shows its job",
    arguments: [
      (DomainState.running, 1, nil), (.running, 10, "migration"), (.paused, 1, nil),
      (.paused, 2, "migration"), (.paused, 3, "save"), (.paused, 4, "dump"), (.paused, 5, nil),
      (.paused, 9, "snapshot"), (.shutOff, 2, nil),
    ] as [(DomainState, Int32, String?)])
  func job(state: DomainState, reason: Int32, job: String?) {
    #expect(state.job(reason: reason) == job)
  }

  @Test(
    "a job prevents writing while it lasts, except a backup",
    arguments: [
      (0, 0, nil), (0, 5, nil), (1, 5, "migration"), (2, 4, "migration"), (2, 1, "start"),
      (2, 2, "save"), (2, 3, "restore"), (1, 6, "snapshot"), (1, 7, "snapshot"), (2, 8, "dump"),
      (2, 9, nil), (3, 5, nil), (4, 5, nil), (5, 5, nil),
      (2, nil, "job that libvirt does not name"), (2, 99, "job that libvirt does not name"),
    ] as [(Int32, Int32?, String?)])
  func blockingJob(type: Int32, operation: Int32?, name: String?) {
    #expect(jobName(type: type, operation: operation) == name)
  }

  @Test(
    "a stop reason has the word that virsh uses",
    arguments: [
      (DomainState.shutOff, 0, nil), (.shutOff, 1, "shutdown"), (.shutOff, 2, "destroyed"),
      (.shutOff, 3, "crashed"), (.shutOff, 4, "migrated"), (.shutOff, 5, "saved"),
      (.shutOff, 6, "failed"), (.shutOff, 7, "from snapshot"), (.shutOff, 8, "daemon"),
      (.crashed, 0, "crashed"), (.crashed, 1, "panicked"), (.running, 1, nil), (.paused, 10, nil),
    ] as [(DomainState, Int32, String?)])
  func stopReason(state: DomainState, reason: Int32, words: String?) {
    #expect(state.stop(reason: reason) == words)
  }

  @Test(
    "an error about XML names the place and quotes nothing of the file",
    arguments: [
      ("/etc/shadow:1: Start tag expected, '<' not found\nroot:*:1:::\n^\n", "/etc/shadow:1"),
      ("at line 3: Entity 'MARK' not defined\n<a>&MARK;</a>\n   ^", "at line 3"),
      ("/a: b.xml:2: Start tag expected\nMARK: x", "/a"), ("/a\nMARK:1: x", "somewhere"),
      ("MARK", "somewhere"), ("", "somewhere"),
    ])
  func quotedXML(message: String, place: String) {
    #expect(withoutQuotedXML(message) == "\(place): libvirt can't read this as XML")
  }

  @Test(
    "an error keeps the last two lines of what ssh printed",
    arguments: [
      ("unable to connect: Connection refused", "unable to connect: Connection refused"),
      (
        "Cannot recv data: No host key is known for hv01.\r\nHost key verification failed.: reset",
        "Cannot recv data: No host key is known for hv01. Host key verification failed.: reset"
      ),
      (
        "Cannot recv data: @@@@\r\n@  WARNING  @\r\n@@@@\r\nOffending key in known_hosts:1\r\n  "
          + "remove with:\r\nHost key for hv01 has changed.\r\nHost key verification failed.: reset",
        "Host key for hv01 has changed. Host key verification failed.: reset"
      ),
    ])
  func sshWords(message: String, words: String) {
    #expect(lastWords(of: message) == words)
  }

  @Test("the client takes only a thread's own warnings from libvirt's log")
  func log() {
    let text = """
      2026-11-28 00:40:00.000+0000: 41: info : libvirt version: 9.0.0, package: 4
      2026-11-28 00:40:00.000+0000: 41: info : hostname: hv : 01
      2026-11-28 00:40:00.001+0000: 41: warning : virNetTLSContextCheckCertificate:1086 : Certificate check failed Certificate [session] owner does not match the hostname hv : 01
      2026-11-28 00:40:00.001+0000: 41: error : virNetTLSContextCheckCertificate:1088 : no
      2026-11-28 00:40:00.001+0000: 141: warning : virKeepAliveTimerInternal:137 : no response

      """
    #expect(
      ClientLog.warnings(in: text, of: 41) == [
        "Certificate check failed Certificate [session] owner does not match the hostname hv : 01"
      ])
    #expect(ClientLog.warnings(in: text, of: 42).isEmpty)
  }

  @Test(
    "libvirt's log goes to every output of the environment but the process's own streams",
    arguments: [
      ("1:stderr", []), ("1:file:/tmp/x", ["1:file:/tmp/x"]),
      ("1:stderr 3:syslog:v", ["3:syslog:v"]),
      (" 1:file:/a:b  2:journald ", ["1:file:/a:b", "2:journald"]), ("", []),
      ("1:file:/dev/stderr 1:file:/dev/fd/1 1:file:/proc/self/fd/2", []), ("bogus", ["bogus"]),
    ])
  func logOutputs(value: String, kept: [String]) {
    #expect(ClientLog.kept(of: value) == kept)
  }

  @Test("libvirt and libssh find no setting by which they would log to standard error")
  func logSettings() {
    let names = ["LIBVIRT_DEBUG", "LIBVIRT_LOG_FILTERS", "LIBVIRT_LIBSSH_DEBUG"]
    for name in names { unsafe setenv(name, "1", 1) }
    unsafe setenv("LIBVIRT_LOG_OUTPUTS", "1:stderr", 1)
    #expect(ClientLog.isAskedForOnStreams)
    let isClean = ClientLog.redirect {
      let outputs = unsafe getenv("LIBVIRT_LOG_OUTPUTS").map { unsafe String(cString: $0) }
      return outputs?.hasPrefix("3:file:/proc/self/fd/") == true
        && names.allSatisfy { unsafe getenv($0) == nil }
    }
    #expect(isClean)
    #expect(!ClientLog.isAskedForOnStreams)
  }

  @Test(
    "an error's kind follows from its code and domain",
    arguments: [
      (3, 10, .unsupported), (42, 10, .noDomain), (84, 10, .refused), (55, 10, .refused),
      (38, 10, .refused), (38, 7, .connection), (1, 7, .connection), (39, 7, .connection),
      (68, 10, .busy), (87, 10, .busy), (5, 0, .connection), (45, 7, .denied),
      (45, 60, .denied), (94, 60, .denied), (79, 7, .denied), (88, 10, .denied),
      (45, 50, .connection), (45, 66, .connection), (9999, 10, .refused),
    ] as [(Int32, Int32, HypervisorError.Kind)])
  func kind(code: Int32, domain: Int32, kind: HypervisorError.Kind) {
    #expect(HypervisorError.Kind(code: code, domain: domain) == kind)
  }

  @Test("the balloon's size is libvirt's value without virtio-mem's plugged memory")
  func balloonSize() {
    var live = MemoryConfiguration()
    live.devices = [MemoryDevice(model: .virtioMem, size: .gibibytes(4), plugged: .gibibytes(1))]
    let figures = BalloonFigures(current: 3 << 20, usable: 1 << 20, resident: 2 << 20)
    #expect(
      figures.statistics(of: live, at: 100)
        == BalloonStatistics(
          actual: .gibibytes(2), usable: .gibibytes(1), resident: .gibibytes(2)))
    #expect(BalloonFigures().statistics(of: live, at: 100) == nil)
  }

  @Test(
    "the age of statistics is never negative, and nil if the guest sent none",
    arguments: [(nil, nil), (0, nil), (70, 30), (100, 0), (130, 0)] as [(UInt64?, UInt64?)])
  func age(lastUpdate: UInt64?, age: UInt64?) {
    let figures = BalloonFigures(current: 1, lastUpdate: lastUpdate)
    #expect(figures.statistics(of: nil, at: 100)?.ageSeconds == age)
  }

  @Test("available memory is libvirt's own value, otherwise free memory and caches")
  func availableMemory() {
    let domain = ObservedDomain(
      name: "web", uuid: "", state: .running, isActive: true, isPersistent: true,
      statistics: BalloonStatistics(resident: .gibibytes(1)), sharesHostMemory: true)
    let figures: [String: MemorySize] = [
      "free": .gibibytes(2), "buffers": .gibibytes(1), "cached": .gibibytes(3),
    ]
    let old = HostMemoryStatistics(figures: figures)
    #expect(old.available(besides: []) == .gibibytes(6))
    #expect(old.available(besides: [domain]) == .gibibytes(5))
    let new = HostMemoryStatistics(figures: figures.merging(["available": .gibibytes(4)]) { $1 })
    #expect(new.available(besides: [domain]) == .gibibytes(4))
    #expect(HostMemoryStatistics(figures: [:]).available(besides: []) == nil)
  }
}
