// SPDX-License-Identifier: Apache-2.0
import Foundation
import LibvirtClient
import MemoryModel
import Synchronization
import Testing

extension LabTests {
  @Suite struct DaemonTests {
    private let lab: Lab

    init() throws { lab = try Lab.shared.get() }

    @Test("an apply converges after one during which the daemon was killed")
    func daemonCrash() throws {
      var deaf = GuestDefinition()
      deaf.arguments = "no_balloon"
      let guest = try Guest("crash", deaf, in: lab)
      try guest.boot()
      // The step waits for a guest that never moves, so that the daemon can die during it.
      let spec = "memballoon: {statsPeriod: 7s}, currentMemory: 200MiB, policy: {shrink: allow}"
      let (process, output, errors) = try Command.start(
        guest.invocation("apply", spec, ["--timeout", "20s", "--format", "json"]))
      try awaitRequest(of: guest)
      try lab.crashDaemon()
      let start = ContinuousClock.now
      let printed = output.fileHandleForReading.readDataToEndOfFile()
      let complained = errors.fileHandleForReading.readDataToEndOfFile()
      process.waitUntilExit()
      #expect(
        process.terminationStatus == 1,
        "\(String(decoding: printed + complained, as: UTF8.self))")
      #expect(start.duration(to: .now) < .seconds(60))
      try lab.restartDaemon()
      let converging = "memballoon: {statsPeriod: 7s}, memtune: {softLimit: 1GiB}"
      let applied = try guest.virtmem("apply", converging)
      #expect(applied.status == 0, "\(applied)")
      #expect(try guest.virtmem("drift", converging).status == 0)
      #expect(try lab.virsh("domstate", guest.name).contains("running"), "the guest went on")
    }

    @Test("the state and definitions of a domain that starts and stops belong to one moment")
    func oneMoment() async throws {
      let guest = try Guest("churn", in: lab)
      let host = try await lab.connect(.readOnly)
      let script = """
        for i in $(seq 12); do
          virsh -q -c '\(lab.uri)' start \(guest.name)
          virsh -q -c '\(lab.uri)' destroy \(guest.name)
        done
        """
      let (process, _, _) = try Command.start(["/bin/sh", "-c", script])
      while process.isRunning {
        let observed = try await host.observe(ObservationScope(everythingOf: [guest.name]))
        let domain = try #require(observed.domains.first { $0.name == guest.name })
        #expect(domain.isActive == (domain.live != nil))
        #expect(domain.isActive == (domain.state != .shutOff), "\(domain.state)")
        #expect(domain.persistent != nil)
      }
    }

    @Test("a hanging QEMU costs only part of a call's timeout")
    func hangingQEMU() throws {
      let guest = try Guest("hung", in: lab)
      try guest.boot()
      let process = try guest.process
      kill(process, SIGSTOP)
      defer { kill(process, SIGCONT) }
      let start = ContinuousClock.now
      let plan = try guest.virtmem("plan", "memory: 256MiB", "--timeout", "20s")
      // Since 11.0 libvirt waits 30 s for the domain's job before it shows a definition, more than
      // the timeout.
      let isShown = try lab.versions().libvirt < Version(11, 0, 0)
      #expect(plan.status == (isShown ? 0 : 5), "\(plan)")
      #expect(start.duration(to: .now) < .seconds(isShown ? 15 : 24))
    }

    @Test("a QEMU that hangs with a pending job doesn't hide its neighbours, run after run")
    func neighbours() throws {
      let (guest, neighbour) = (try Guest("hung", in: lab), try Guest("neighbour", in: lab))
      for guest in [guest, neighbour] { try guest.startPaused() }
      let isHung = try hang(guest)
      defer { isHung.end() }
      let file = try lab.file(
        "neighbours.yaml", guest.document("memory: 256MiB") + neighbour.document("memory: 256MiB"))
      for _ in 0..<5 {
        let start = ContinuousClock.now
        let plan = try Command.run([
          try Command.virtmem, "plan", file, "-c", lab.uri, "--timeout", "4s", "--format", "json",
        ])
        #expect(plan.output.contains("\"verdict\":\"inSync\""), "\(plan)")
        #expect(start.duration(to: .now) < .seconds(8))
      }
    }

    @Test("with default timeouts, a plan reads the available facts of a guest whose QEMU hangs")
    func defaultTimeouts() throws {
      let guest = try Guest("hung", in: lab)
      try guest.startPaused()
      let isHung = try hang(guest)
      defer { isHung.end() }
      let start = ContinuousClock.now
      let plan = try guest.virtmem("plan", "memory: 256MiB")
      #expect(plan.status == 0, "\(plan)")
      #expect(start.duration(to: .now) < .seconds(60))
    }

    @Test("a QEMU that hangs while guests are waited for delays the look at them by a tick")
    func sharedLook() async throws {
      let (guest, neighbour) = (try Guest("hung", in: lab), try Guest("neighbour", in: lab))
      for guest in [guest, neighbour] { try guest.startPaused() }
      let host = try await lab.connect(.readOnly, callTimeout: .seconds(20))
      var seen: [ObservedDomain] = []
      for guest in [guest, neighbour] {
        seen.append(try await host.observe(uuid: guest.uuid, .observed))
      }
      /// How long a look at each of the guests takes, when both are looked at together.
      @Sendable func look(_ seen: [ObservedDomain]) async throws -> [Duration] {
        try await withThrowingTaskGroup(of: (Int, Duration).self) { group in
          for (number, domain) in seen.enumerated() {
            group.addTask {
              let start = ContinuousClock.now
              let now = try await host.observe(.statistics, of: domain)
              #expect(now.live == domain.live)
              return (number, start.duration(to: .now))
            }
          }
          return try await group.reduce(into: seen.map { _ in .zero }) { $0[$1.0] = $1.1 }
        }
      }
      #expect(try await look(seen).allSatisfy { $0 < .seconds(1) })
      let files = try Self.openFiles()
      let process = try guest.process
      kill(process, SIGSTOP)
      defer { kill(process, SIGCONT) }
      // The first call hangs with the guest, and is left; the next ones pass over it.
      #expect(try await look(seen)[1] < .seconds(4))
      for _ in 0..<4 { #expect(try await look(seen)[1] < .seconds(2)) }
      // A connection has fewer than six files.
      #expect(try Self.openFiles() - files < 12, "at most one connection was left")
      kill(process, SIGCONT)
      #expect(try await look(seen).allSatisfy { $0 < .seconds(4) })
    }

    private static func openFiles() throws -> Int {
      try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count
    }

    /// Stops a guest's QEMU, and starts a call that waits for it and holds the domain's job.
    private func hang(_ guest: Guest) throws -> Hang {
      let process = try guest.process
      kill(process, SIGSTOP)
      let (call, _, _) = try Command.start([
        "/usr/bin/virsh", "-q", "-c", lab.uri, "setmem", guest.name, "250M", "--live",
      ])
      Thread.sleep(forTimeInterval: 1)
      return Hang(process: process, call: call)
    }

    @Test("a plan waits for a stopped daemon until its connect timeout")
    func stoppedDaemon() throws {
      let guest = try Guest("silent", in: lab)
      let daemon = try lab.daemon
      kill(daemon, SIGSTOP)
      defer { kill(daemon, SIGCONT) }
      let start = ContinuousClock.now
      let plan = try guest.virtmem("plan", "memory: 512MiB", "--connect-timeout", "2s")
      let taken = start.duration(to: .now)
      #expect(plan.status == 5, "\(plan)")
      #expect(taken >= .seconds(2) && taken < .seconds(8))
    }

    @Test("a stopped daemon doesn't delay another host")
    func otherHost() throws {
      let guest = try Guest("silent", in: lab)
      let file = "\(lab.state)/guests/two-hosts.yaml"
      let manifest = """
        apiVersion: virtmem.io/v1alpha1
        kind: Host
        metadata: {name: stopped}
        spec: {uri: "\(lab.uri)"}
        ---
        apiVersion: virtmem.io/v1alpha1
        kind: Host
        metadata: {name: sound}
        spec: {uri: "test:///default"}
        ---
        apiVersion: virtmem.io/v1alpha1
        kind: Domain
        metadata: {name: \(guest.name)}
        spec: {host: stopped, memory: 512MiB}
        ---
        apiVersion: virtmem.io/v1alpha1
        kind: Domain
        metadata: {name: test}
        spec: {host: sound, memory: 8GiB}

        """
      try manifest.write(toFile: file, atomically: true, encoding: .utf8)
      let daemon = try lab.daemon
      kill(daemon, SIGSTOP)
      defer { kill(daemon, SIGCONT) }
      let plan = try Command.run([
        try Command.virtmem, "plan", file, "--connect-timeout", "2s", "--format", "json",
      ])
      #expect(plan.status == 5, "\(plan)")
      #expect(plan.output.contains("\"verdict\":\"inSync\""))
      #expect(plan.output.contains("\"verdict\":\"unobserved\""))
    }

    @Test("domains are passed on while others are read where the host is far away, and not nearby")
    func distance() async throws {
      let guest = try Guest("far", in: lab)
      let program = try lab.file("proxy", "")
      let socket = program + ".sock"
      let source = Lab.root.appending(path: "Tests/Benchmarks/proxy.c").path
      let compiled = try Command.run(["/usr/bin/env", "clang", "-o", program, source])
      try #require(compiled.status == 0, "\(compiled)")
      let (proxy, _, _) = try Command.start([
        program, "-d", "10", socket, "\(lab.state)/run/libvirt-sock", "--", "sleep", "20",
      ])
      defer { proxy.terminate() }
      try eventually("the proxy listens", within: .seconds(10)) {
        FileManager.default.fileExists(atPath: socket)
      }
      let far = try await lab.connect(.readOnly, through: socket)
      #expect(try await passed(guest, by: far) == 1)
      // With more processors, one is idle in any case.
      if ProcessInfo.processInfo.activeProcessorCount <= 3 {
        #expect(try await passed(guest, by: try await lab.connect(.readOnly)) == 0)
      }
    }

    /// How often `host` passes `guest` on while it reads it.
    private func passed(_ guest: Guest, by host: LibvirtHost) async throws -> Int {
      let count = Atomic(0)
      _ = try await host.observe(ObservationScope(everythingOf: [guest.name])) { _, _ in
        count.add(1, ordering: .sequentiallyConsistent)
      }
      return count.load(ordering: .sequentiallyConsistent)
    }

    @Test(
      "an unanswered write is an error that leaves its result open, and the next apply finds it")
    func unansweredWrite() async throws {
      let guest = try Guest("unanswered", in: lab)
      let host = try await lab.connect(callTimeout: .seconds(2))
      let change = Change(field: .memory, from: nil, to: .size(.mebibytes(300)))
      let seen = try await host.observe(uuid: guest.uuid, .observed)
      let daemon = try lab.daemon
      kill(daemon, SIGSTOP)
      var error: HypervisorError?
      do throws(HypervisorError) {
        try await host.perform(
          Call(.setMaxMemory, on: .persistent, changes: [change]), on: seen)
      } catch let thrown {
        error = thrown
      }
      kill(daemon, SIGCONT)
      // Keepalive closes the connection before the write's own limit.
      #expect(error?.kind == .connection, "what was asked may still happen")
      try eventually("the daemon answers again", within: .seconds(10)) {
        try guest.kibibytes("memory", .persistent) != nil
      }
      let applied = try guest.virtmem("apply", "memory: 300MiB, currentMemory: 256MiB")
      #expect(applied.status == 0, "\(applied)")
      #expect(try guest.kibibytes("memory", .persistent) == 300 << 10)
    }

    /// Waits until QEMU got the new target and the applier waits for the guest.
    private func awaitRequest(of guest: Guest) throws {
      try eventually("the statistics period was set", within: .seconds(20)) {
        try guest.xml(.live).contains("period='7'")
      }
      Thread.sleep(forTimeInterval: 1)
    }
  }
}

/// A stopped QEMU, and a call that waits for it.
private struct Hang {
  let process: pid_t
  let call: Process

  func end() {
    kill(process, SIGCONT)
    call.waitUntilExit()
  }
}
