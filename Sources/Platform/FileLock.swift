// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// A lock file that one process of this machine holds at a time; `flock`.
///
/// The kernel releases the lock when its holder ends, in whatever way. The file stays where it is:
/// a process that removed it could remove one that another process has locked since.
package final class FileLock: Sendable {
  /// What came of trying to take a lock.
  package enum Attempt: Sendable {
    /// This process holds the lock until it releases the object.
    case taken(FileLock)
    /// Another process holds the lock and left this record in the file.
    case held([UInt8])
  }

  /// The longest record that is read, in bytes.
  private static let longestRecord = 4096

  private let descriptor: Int32

  private init(descriptor: Int32) {
    self.descriptor = descriptor
  }

  deinit {
    close(descriptor)
  }

  /// Tries once to lock the file `name` in `folder`, and writes `record` into it for others to read.
  ///
  /// The file is created if it is missing, and every user can open it: users lock one file, so that
  /// they keep each other out. A link in the place of the folder or of the file is refused.
  ///
  /// - Throws: ``FileError`` where the folder or the file can't be used; it names the remedy.
  package static func attempt(
    _ name: String, in folder: String, record: [UInt8]
  ) throws(FileError) -> Attempt {
    let directory = try openFolder(folder)
    defer { close(directory) }
    while true {
      let descriptor = try openFile(name, in: directory, at: "\(folder)/\(name)")
      guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
        defer { close(descriptor) }
        guard errno == EWOULDBLOCK else { throw failure("lock", "\(folder)/\(name)") }
        let record = contents(of: descriptor)
        guard record.isEmpty else { return .held(record) }
        // The holder may have taken the lock just now, and writes its record next.
        usleep(50_000)
        return .held(contents(of: descriptor))
      }
      // Somebody may have removed the file before this process locked it.
      guard isStillThere(descriptor, name, in: directory) else {
        close(descriptor)
        continue
      }
      // The record only informs others, so a full disk does not matter.
      if ftruncate(descriptor, 0) == 0 { _ = writeAll(record, to: descriptor) }
      return .taken(FileLock(descriptor: descriptor))
    }
  }

  /// Opens a folder in which only root, this user, and the owner of each file can remove files.
  private static func openFolder(_ path: String) throws(FileError) -> Int32 {
    let directory = unsafe open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
    guard directory >= 0 else {
      guard errno == ELOOP || errno == ENOTDIR else { throw failure("open", path) }
      throw FileError(message: "\(path) is not a folder, or is a link to one: remove it.")
    }
    var status = stat()
    guard unsafe fstat(directory, &status) == 0, [0, geteuid()].contains(status.st_uid) else {
      close(directory)
      throw FileError(
        message: "\(path) belongs to user \(status.st_uid), who could remove locks: it must belong "
          + "to root (mode 1777).")
    }
    let isShared = status.st_mode & (S_IWGRP | S_IWOTH) != 0
    guard !isShared || status.st_mode & S_ISVTX != 0 else {
      close(directory)
      throw FileError(
        message: "Every user can remove locks in \(path): give it the mode 1777.")
    }
    return directory
  }

  private static func openFile(
    _ name: String, in directory: Int32, at path: String
  ) throws(FileError) -> Int32 {
    // O_CREAT comes only where no file is: the kernel refuses it for other users' files in a
    // folder with the mode 1777 (fs.protected_regular).
    let flags = O_RDWR | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK
    for _ in 0..<50 {
      var descriptor = unsafe openat(directory, name, flags)
      if descriptor < 0 && errno == ENOENT {
        descriptor = unsafe openat(directory, name, flags | O_CREAT | O_EXCL, 0o666)
        if descriptor >= 0 { fchmod(descriptor, 0o666) }
      }
      if descriptor >= 0 {
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG,
          status.st_nlink <= 1
        else {
          close(descriptor)
          throw FileError(message: "\(path) is not a lock file, or has a second name: remove it.")
        }
        return descriptor
      }
      if errno == ELOOP { throw FileError(message: "\(path) is a link: remove it.") }
      // Another user may have created the file and not yet opened it to others.
      guard errno == EEXIST || errno == EACCES else { break }
      usleep(10_000)
    }
    guard errno != EACCES else {
      throw FileError(
        message: "can't open \(path): Permission denied; the folder needs the mode 1777, and the "
          + "file 0666.")
    }
    throw failure("open", path)
  }

  private static func isStillThere(
    _ descriptor: Int32, _ name: String, in directory: Int32
  ) -> Bool {
    var (locked, named) = (stat(), stat())
    guard unsafe fstat(descriptor, &locked) == 0,
      unsafe fstatat(directory, name, &named, AT_SYMLINK_NOFOLLOW) == 0
    else { return false }
    return locked.st_ino == named.st_ino && locked.st_dev == named.st_dev
  }

  private static func contents(of descriptor: Int32) -> [UInt8] {
    unsafe [UInt8](unsafeUninitializedCapacity: longestRecord) { buffer, count in
      count = unsafe max(0, pread(descriptor, buffer.baseAddress, longestRecord, 0))
    }
  }

  private static func failure(_ verb: String, _ path: String) -> FileError {
    FileError(message: "can't \(verb) \(path): \(unsafe String(cString: strerror(errno)))")
  }
}

/// The folder in which the applies of a machine lock hosts.
package enum LockFolder {
  /// The folder that virtmem's package makes, with the mode 1777, for all users of the machine.
  package static let shared = "/run/lock/virtmem"

  /// The folder to use: `shared` if it exists, else one in `runtimeFolder` (XDG_RUNTIME_DIR), if
  /// that is an absolute path to a folder of this user.
  ///
  /// Nil where neither exists: applies of such a machine are kept apart only by each looking for
  /// changes of others.
  ///
  /// - Throws: ``FileError`` where the folder can't be made.
  package static func find(
    shared: String = shared, runtimeFolder: String?
  ) throws(FileError) -> String? {
    var status = stat()
    // A broken link exists too: the lock then says that it must be removed.
    if unsafe lstat(shared, &status) == 0 { return shared }
    // Root may have inherited another user's XDG_RUNTIME_DIR, and must not leave a folder there that
    // this user can't open.
    guard let runtimeFolder, runtimeFolder.hasPrefix("/"),
      unsafe stat(runtimeFolder, &status) == 0, status.st_mode & S_IFMT == S_IFDIR,
      status.st_uid == geteuid()
    else { return nil }
    let path = "\(runtimeFolder)/virtmem"
    guard unsafe mkdir(path, 0o700) == 0 || errno == EEXIST else {
      throw FileError(message: "can't make \(path): \(unsafe String(cString: strerror(errno)))")
    }
    return path
  }
}
