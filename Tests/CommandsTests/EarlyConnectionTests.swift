// SPDX-License-Identifier: Apache-2.0

import MemoryModel
import Synchronization
import TestSupport
import Testing

@testable import Commands

@Suite struct EarlyConnectionTests {
  @Test(
    "only a daemon of this machine is asked before the manifests are read",
    arguments: [
      ("qemu:///system", true), ("qemu:///session?socket=/run/x", true), ("test:///default", true),
      ("qemu+ssh:///system", false), ("qemu+ssh://hv01/system", false),
      ("qemu://hv01/system", false), ("qemu+tls://hv01/system", false), ("hv01", false),
    ])
  func local(uri: String, isEarly: Bool) async throws {
    let scene = try Scene(.web)
    let stream = RecordedStream(isTerminal: false)
    let early = EarlyConnection(request(to: uri), in: scene.environment(stream, stream))
    #expect((early != nil) == isEarly)
    #expect(await early?.result(for: request(to: "qemu:///other")) == nil)
  }

  @Test("without -c, no host is asked before the manifests are read")
  func noURI() throws {
    let scene = try Scene(.web)
    let stream = RecordedStream(isTerminal: false)
    #expect(EarlyConnection(request(to: nil), in: scene.environment(stream, stream)) == nil)
  }

  @Test("plan and drift connect once", arguments: ["plan", "drift"])
  func once(command: String) async throws {
    let scene = try Scene(.web)
    scene.hosts["test:///a"] = scene.hosts[""]
    let count = Atomic(0)
    let output = RecordedStream(isTerminal: false)
    var environment = scene.environment(output, output)
    let connect = environment.connect
    environment.connect = { (request) async throws(HypervisorError) in
      count.add(1, ordering: .sequentiallyConsistent)
      return try await connect(request)
    }
    let manifest = try scene.manifest(Manifest.inSync)
    let status = await Virtmem.run([command, manifest, "-c", "test:///a"], in: environment)
    #expect(status == 0)
    #expect(output.text.contains("1 in sync"))
    #expect(count.load(ordering: .sequentiallyConsistent) == 1)
  }

  @Test("a mistake in a manifest is told at once, also if the daemon does not answer")
  func mistake() async throws {
    let scene = try Scene(.web)
    let output = RecordedStream(isTerminal: false)
    var environment = scene.environment(output, output)
    environment.connect = { (_) async throws(HypervisorError) in
      try? await Task.sleep(for: .seconds(600))
      throw HypervisorError(.deadline, call: "virConnectOpenAuth", message: "too late")
    }
    let manifest = try scene.manifest(Manifest.unknownField)
    #expect(await Virtmem.run(["plan", manifest, "-c", "test:///a"], in: environment) == 65)
  }

  private func request(to uri: String?) -> ConnectionRequest {
    ConnectionRequest(
      uri: uri, access: .readOnly, connectTimeout: .seconds(1), callTimeout: .seconds(1))
  }
}
