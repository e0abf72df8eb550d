// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import Testing

/// A pseudo terminal: what a test writes outside, the program reads inside as typed.
final class Terminal {
  let outside: FileHandle
  let inside: FileHandle
  /// What the program has written and the test has read.
  var text: String { String(decoding: bytes, as: UTF8.self) }
  private var bytes: [UInt8] = []

  init() throws {
    let descriptor = unsafe open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK)
    try #require(descriptor >= 0)
    outside = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    // TIOCSPTLCK and TIOCGPTN are macros, which Swift doesn't import: unlock, and get the number.
    var (lock, number): (Int32, Int32) = (0, 0)
    try #require(unsafe ioctl(descriptor, 0x4004_5431, &lock) == 0)
    try #require(unsafe ioctl(descriptor, 0x8004_5430, &number) == 0)
    let inner = unsafe open("/dev/pts/\(number)", O_RDWR | O_NOCTTY | O_CLOEXEC)
    try #require(inner >= 0)
    inside = FileHandle(fileDescriptor: inner, closeOnDealloc: true)
  }

  /// Tells the programs on the terminal how wide it is.
  func resize(toColumns columns: UInt16) throws {
    var size = winsize(ws_row: 24, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0)
    try #require(unsafe ioctl(outside.fileDescriptor, UInt(TIOCSWINSZ), &size) == 0)
  }

  /// Reads all that `process` writes until it ends.
  func read(toEndOf process: Process) {
    var isRunning: Bool
    repeat { isRunning = process.isRunning } while read() || isRunning
  }

  /// Reads what the program has written, and waits a moment where that is nothing.
  ///
  /// Returns whether it has read anything.
  @discardableResult
  func read() -> Bool {
    var buffer = [UInt8](repeating: 0, count: 4096)
    let count = unsafe Glibc.read(outside.fileDescriptor, &buffer, buffer.count)
    if count > 0 { bytes += buffer.prefix(count) }
    if count <= 0 { usleep(10_000) }
    return count > 0
  }
}
