// SPDX-License-Identifier: Apache-2.0
import Platform
import Foundation
import Testing

@Suite struct OutputFileTests {
  private let folder = FileManager.default.temporaryDirectory
    .appending(path: "virtmem-output-\(UUID().uuidString)")

  init() throws {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  private func path(_ name: String) -> String { folder.appending(path: name).path }

  @Test("writing replaces a file and leaves no other file")
  func replaces() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    try OutputFile.write(Array("old and long".utf8), to: path("plan.json"))
    try OutputFile.write(Array("new".utf8), to: path("plan.json"))
    #expect(try String(contentsOfFile: path("plan.json"), encoding: .utf8) == "new")
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["plan.json"])
  }

  @Test("writing through a link replaces its target and keeps the link")
  func keepsLink() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    try OutputFile.write(Array("old".utf8), to: path("plan.json"))
    try FileManager.default.createSymbolicLink(
      atPath: path("link"), withDestinationPath: "plan.json")
    try OutputFile.write(Array("new".utf8), to: path("link"))
    #expect(
      try FileManager.default.destinationOfSymbolicLink(atPath: path("link")) == "plan.json")
    #expect(try String(contentsOfFile: path("plan.json"), encoding: .utf8) == "new")
  }

  @Test("writing to a pipe keeps the pipe")
  func keepsPipe() async throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    let pipe = path("pipe")
    let isMade = unsafe mkfifo(pipe, 0o600) == 0
    #expect(isMade)
    // Opened for reading and writing, so that neither end waits for the other.
    let reader = try FileHandle(forUpdating: URL(filePath: pipe))
    try OutputFile.write(Array("new".utf8), to: pipe)
    #expect(try reader.read(upToCount: 3) == Data("new".utf8))
    let kind = try FileManager.default.attributesOfItem(atPath: pipe)[.type] as? FileAttributeType
    #expect(kind == .typeUnknown, "a regular file is .typeRegular")
  }

  @Test("a file keeps its mode, and a new one has what the umask leaves")
  func mode() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    func mode() throws -> Int? {
      try FileManager.default.attributesOfItem(atPath: path("plan"))[.posixPermissions] as? Int
    }
    let old = umask(0o027)
    defer { umask(old) }
    try OutputFile.write([1], to: path("plan"))
    #expect(try mode() == 0o640)
    unsafe chmod(path("plan"), 0o600)
    try OutputFile.write([2], to: path("plan"))
    #expect(try mode() == 0o600)
  }

  @Test("the file may have the longest name that a folder can hold")
  func longName() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    let name = String(repeating: "p", count: 255)
    try OutputFile.write(Array("new".utf8), to: path(name))
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == [name])
  }

  @Test("a check refuses what can't be written, and changes nothing")
  func check() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    for path in [path("new"), "/dev/null", "new"] { try OutputFile.check(path) }
    for path in ["", folder.path, path("no/new"), "/proc/self/status/new"] {
      #expect(throws: FileError.self) { try OutputFile.check(path) }
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
  }

  @Test("a folder is refused")
  func folderRefused() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    #expect(throws: FileError.self) { try OutputFile.write([1], to: folder.path) }
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
  }
}
