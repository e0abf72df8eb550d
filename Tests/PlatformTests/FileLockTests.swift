// SPDX-License-Identifier: Apache-2.0
import Foundation
import Platform
import Testing

@Suite struct FileLockTests {
  private let folder = FileManager.default.temporaryDirectory
    .appending(path: "virtmem-lock-\(UUID().uuidString)").path

  init() throws {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  }

  private func attempt(_ record: String = "", in other: String? = nil) throws -> FileLock.Attempt {
    try FileLock.attempt("host.lock", in: other ?? folder, record: Array(record.utf8))
  }

  /// The message of the error with which a lock is refused.
  private func refusal(in other: String? = nil) -> String? {
    do {
      _ = try attempt(in: other)
      return nil
    } catch {
      return (error as? FileError)?.message
    }
  }

  @Test("the second taker gets the first one's record, until the first one releases the lock")
  func held() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    var first: FileLock.Attempt? = try attempt("user alice with a long name\n")
    guard case .taken? = first, case .held(let record) = try attempt("user bob\n") else {
      Issue.record("\(String(describing: first))")
      return
    }
    #expect(String(decoding: record, as: UTF8.self) == "user alice with a long name\n")
    first = nil
    guard case .taken(let second) = try attempt("user bob\n") else {
      Issue.record("the lock was not released")
      return
    }
    // The longer record of the former holder is gone.
    #expect(try String(contentsOfFile: "\(folder)/host.lock", encoding: .utf8) == "user bob\n")
    _ = second
  }

  @Test("every user can open the lock's file, whatever the umask")
  func mode() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let old = umask(0o077)
    defer { umask(old) }
    _ = try attempt()
    let attributes = try FileManager.default.attributesOfItem(atPath: "\(folder)/host.lock")
    #expect(attributes[.posixPermissions] as? Int == 0o666)
  }

  @Test("a holder that is killed holds the lock no more")
  func killed() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try Data("user bob\n".utf8).write(to: URL(filePath: "\(folder)/host.lock"))
    let holder = Process()
    holder.executableURL = URL(filePath: "/usr/bin/flock")
    holder.arguments = ["--no-fork", "\(folder)/host.lock", "sleep", "1000"]
    try holder.run()
    var isHeld = false
    for _ in 0..<1000 where !isHeld {
      if case .held = try attempt() { isHeld = true } else { usleep(5000) }
    }
    #expect(isHeld)
    kill(holder.processIdentifier, SIGKILL)
    holder.waitUntilExit()
    guard case .taken = try attempt() else {
      Issue.record("the lock outlived its holder")
      return
    }
  }

  @Test("users keep each other out in a folder with the mode 1777", .enabled(if: geteuid() == 0))
  func users() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    unsafe chmod(folder, 0o1777)
    /// The status of flock(1), run as another user: 1 if the file is locked.
    func otherUser() throws -> Int32 {
      let process = Process()
      process.executableURL = URL(filePath: "/usr/bin/setpriv")
      process.arguments = [
        "--reuid=4711", "--regid=4711", "--clear-groups", "flock", "--nonblock",
        "\(folder)/host.lock", "true",
      ]
      try process.run()
      process.waitUntilExit()
      return process.terminationStatus
    }
    #expect(try otherUser() == 0)
    // The other user has made the file, and this process locks it too.
    unsafe chmod("\(folder)/host.lock", 0o666)
    let attempt = try attempt()
    #expect(try otherUser() == 1)
    _ = attempt
  }

  @Test("what is in the place of the lock's file and no file is refused and left as it is")
  func noFile() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let (path, other) = ("\(folder)/host.lock", "\(folder)/other")
    try Data("precious".utf8).write(to: URL(filePath: other))
    let plants: [() throws -> Void] = [
      { try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: other) },
      { try FileManager.default.linkItem(atPath: other, toPath: path) },
      { unsafe mkfifo(path, 0o666) },
      { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false) },
    ]
    for plant in plants {
      try plant()
      #expect(refusal()?.contains(path) == true)
      try FileManager.default.removeItem(atPath: path)
    }
    #expect(try String(contentsOfFile: other, encoding: .utf8) == "precious")
  }

  @Test("a folder that is a link, is missing, or from which others can remove files is refused")
  func badFolder() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let link = "\(folder)/link"
    try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: folder)
    #expect(refusal(in: link)?.contains("is a link to one: remove it") == true)
    #expect(refusal(in: "\(folder)/missing")?.contains("No such file") == true)
    unsafe chmod(folder, 0o777)
    #expect(refusal()?.contains("give it the mode 1777") == true)
    unsafe chmod(folder, 0o1777)
    #expect(refusal() == nil)
    guard geteuid() == 0 else { return }
    unsafe chown(folder, 4711, 4711)
    #expect(refusal()?.contains("belongs to user 4711") == true)
  }

  @Test("the shared folder comes first, then one of the user's own, and there may be none")
  func folders() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let (shared, own) = ("\(folder)/shared", "\(folder)/own")
    #expect(try LockFolder.find(shared: shared, runtimeFolder: nil) == nil)
    #expect(try LockFolder.find(shared: shared, runtimeFolder: own) == nil)
    try FileManager.default.createDirectory(atPath: own, withIntermediateDirectories: false)
    for _ in 1...2 {
      #expect(try LockFolder.find(shared: shared, runtimeFolder: own) == "\(own)/virtmem")
    }
    // A link is found too; taking a lock then refuses it.
    try FileManager.default.createSymbolicLink(atPath: shared, withDestinationPath: "nowhere")
    #expect(try LockFolder.find(shared: shared, runtimeFolder: own) == shared)
  }
}
