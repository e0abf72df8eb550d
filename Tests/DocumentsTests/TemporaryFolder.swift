// SPDX-License-Identifier: Apache-2.0

import Glibc

/// A temporary folder for one test, removed with its content.
final class TemporaryFolder {
  let path: String
  private var made: [String] = []

  init() {
    path = "/tmp/virtmem-tests-\(getpid())-\(UInt64.random(in: 0 ... .max))"
    folder("")
  }

  deinit {
    for path in made.reversed() { _ = unsafe remove(path) }
  }

  func folder(_ name: String) {
    _ = unsafe mkdir(made(name), 0o755)
  }

  func link(_ name: String, to target: String) {
    _ = unsafe symlink(target, made(name))
  }

  func pipe(_ name: String) {
    _ = unsafe mkfifo(made(name), 0o644)
  }

  /// Writes a file, and makes it `size` bytes long if there is a size.
  func file(_ name: String, _ text: String = "a: 1\n", size: Int? = nil) {
    let descriptor = unsafe open(made(name), O_WRONLY | O_CREAT, 0o644)
    defer { close(descriptor) }
    _ = unsafe Array(text.utf8).withUnsafeBytes {
      unsafe write(descriptor, $0.baseAddress, $0.count)
    }
    if let size { _ = ftruncate(descriptor, size) }
  }

  private func made(_ name: String) -> String {
    made.append(name.isEmpty ? path : "\(path)/\(name)")
    return made[made.count - 1]
  }
}
