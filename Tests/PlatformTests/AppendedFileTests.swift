// SPDX-License-Identifier: Apache-2.0
import Foundation
import Platform
import Testing

@Suite struct AppendedFileTests {
  private let path = FileManager.default.temporaryDirectory
    .appending(path: "virtmem-audit-\(UUID().uuidString)").path

  private func text() throws -> String { try String(contentsOfFile: path, encoding: .utf8) }

  private func message(of body: () throws -> Void) -> String? {
    do {
      try body()
      return nil
    } catch {
      return (error as? FileError)?.message
    }
  }

  @Test("a line comes after the others, and only the user can read a new file")
  func appends() throws {
    defer { try? FileManager.default.removeItem(atPath: path) }
    let old = umask(0)
    for line in ["one\n", "two\n"] { try AppendedFile(appendingTo: path).append(Array(line.utf8)) }
    umask(old)
    #expect(try text() == "one\ntwo\n")
    let attributes = try FileManager.default.attributesOfItem(atPath: path)
    #expect(attributes[.posixPermissions] as? Int == 0o600)
  }

  @Test("a line that an earlier run left unfinished is ended first")
  func unfinished() throws {
    defer { try? FileManager.default.removeItem(atPath: path) }
    try Data("{\"cut".utf8).write(to: URL(filePath: path))
    let file = try AppendedFile(appendingTo: path)
    try file.append(Array("one\n".utf8))
    try file.append(Array("two\n".utf8))
    #expect(try text() == "{\"cut\none\ntwo\n")
  }

  @Test("lines of two writers do not mix")
  func twoWriters() async throws {
    defer { try? FileManager.default.removeItem(atPath: path) }
    let lines = ["a", "b"].map { String(repeating: $0, count: 2000) + "\n" }
    try await withThrowingTaskGroup(of: Void.self) { group in
      for line in lines {
        group.addTask { [path] in
          let file = try AppendedFile(appendingTo: path)
          for _ in 0..<100 { try file.append(Array(line.utf8)) }
        }
      }
      try await group.waitForAll()
    }
    let written = try text().split(separator: "\n").map { "\($0)\n" }
    #expect(written.count == 200 && Set(written) == Set(lines))
  }

  @Test("a full disk is reported with each line")
  func fullDisk() throws {
    let file = try AppendedFile(appendingTo: "/dev/full")
    for _ in 1...2 {
      #expect(
        message { try file.append(Array("one\n".utf8)) }
          == "can't write /dev/full: No space left on device")
    }
  }

  @Test("a link is not followed, and a folder is no file")
  func links() throws {
    defer { try? FileManager.default.removeItem(atPath: path) }
    try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: "/dev/null")
    #expect(
      message { _ = try AppendedFile(appendingTo: path) }
        == "can't write \(path): it is a symbolic link; name the file or the pipe itself")
    #expect(message { _ = try AppendedFile(appendingTo: "/tmp") } != nil)
  }

  @Test("a pipe takes lines as long as somebody reads it")
  func pipe() throws {
    defer { try? FileManager.default.removeItem(atPath: path) }
    unsafe mkfifo(path, 0o600)
    let unread = "can't write \(path): nobody reads this pipe"
    #expect(message { _ = try AppendedFile(appendingTo: path) } == unread)
    let reader = unsafe open(path, O_RDONLY | O_NONBLOCK)
    let file = try AppendedFile(appendingTo: path)
    try file.append(Array("one\n".utf8))
    var bytes = [UInt8](repeating: 0, count: 10)
    #expect(unsafe read(reader, &bytes, 10) == 4)
    close(reader)
    signal(SIGPIPE, SIG_IGN)
    #expect(message { try file.append(Array("two\n".utf8)) } == "can't write \(path): Broken pipe")
  }
}
