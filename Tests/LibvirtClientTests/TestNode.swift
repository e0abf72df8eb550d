// SPDX-License-Identifier: Apache-2.0
import Glibc
import LibvirtClient
import MemoryModel

/// A host of libvirt's test driver, described by a temporary file.
final class TestNode: Sendable {
  private let folder: String
  private let file: String

  /// The URI under which every connection finds the host as its file describes it.
  var uri: String { "test://\(file)" }

  convenience init(_ domains: TestDomain...) throws {
    try self.init(domains)
  }

  init(_ domains: [TestDomain]) throws {
    var template = Array("/tmp/virtmem-test-XXXXXX".utf8CString)
    guard let path = unsafe mkdtemp(&template) else { throw TestFailure.noFile }
    folder = unsafe String(cString: path)
    file = folder + "/node.xml"
    guard let stream = unsafe fopen(file, "w") else { throw TestFailure.noFile }
    let xml = "<node>" + domains.map(\.xml).joined() + "</node>"
    unsafe fputs(xml, stream)
    unsafe fclose(stream)
  }

  deinit {
    unsafe unlink(file)
    unsafe rmdir(folder)
  }

  func connect(_ access: Access = .readWrite) async throws(HypervisorError) -> LibvirtHost {
    try await LibvirtHost.connect(
      uri: uri, access: access, connectTimeout: .seconds(30), callTimeout: .seconds(30))
  }
}

enum TestFailure: Error {
  case noFile
  case noDomain
  case noSocket
}

/// A domain in a node file: 1 GiB of RAM and a balloon at 512 MiB.
struct TestDomain {
  var name: String
  var uuid: String
  /// A value of `virDomainState`.
  var state = 1
  var isTransient = false
  var hasManagedSave = false
  /// More content of `<domain>`.
  var more = ""

  /// A domain whose UUID ends in `number`.
  init(
    _ name: String, _ number: Int = 1, state: Int = 1, isTransient: Bool = false,
    hasManagedSave: Bool = false, more: String = ""
  ) {
    self.name = name
    uuid = "6f1d2c1e-4a55-4b7e-9d7a-\(100_000_000_000 + number)"
    self.state = state
    self.isTransient = isTransient
    self.hasManagedSave = hasManagedSave
    self.more = more
  }

  var xml: String {
    """
    <domain type='test' xmlns:test='http://libvirt.org/schemas/domain/test/1.0'>
      <name>\(name)</name>
      <uuid>\(uuid)</uuid>
      <memory>1048576</memory>
      <currentMemory>524288</currentMemory>
      <os><type>hvm</type></os>
      \(more)
      <test:runstate>\(state)</test:runstate>
      \(isTransient ? "<test:transient/>" : "")
      \(hasManagedSave ? "<test:hasmanagedsave/>" : "")
    </domain>
    """
  }
}

extension ObservationScope {
  static let everything = ObservationScope(of: [], readsAll: true)
}

extension LibvirtHost {
  /// The one domain of the host.
  func onlyDomain(_ parts: DomainParts = .observed) async throws -> ObservedDomain {
    guard let domain = try await observe(.everything).domains.first else {
      throw TestFailure.noDomain
    }
    return try await observe(uuid: domain.uuid, parts)
  }
}

/// The error that `body` throws; nil if it throws none.
func failure(_ body: () async throws(HypervisorError) -> Void) async -> HypervisorError? {
  do throws(HypervisorError) {
    try await body()
    return nil
  } catch {
    return error
  }
}
