// SPDX-License-Identifier: Apache-2.0

internal import CGlibc
internal import Glibc

/// A processor of this machine.
package struct Processor: Sendable {
  private let number: Int

  /// How many processors the machine has.
  package static var count: Int { sysconf(Int32(_SC_NPROCESSORS_ONLN)) }

  /// The processor on which this thread runs now; `sched_getcpu`.
  package static var current: Processor { Processor(number: Int(sched_getcpu())) }

  /// Runs `body` with this thread on `processor`, if the system allows that; `sched_setaffinity`.
  ///
  /// With nil, the thread runs where the system puts it.
  package static func run<Result, Failure: Error>(
    on processor: Processor?, _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    var before = cpu_set_t()
    let size = MemoryLayout<cpu_set_t>.size
    guard let number = processor?.number, (0..<size * 8).contains(number),
      unsafe sched_getaffinity(0, size, &before) == 0
    else { return try body() }
    var only = cpu_set_t()
    unsafe withUnsafeMutableBytes(of: &only) { bytes in
      let words = unsafe bytes.assumingMemoryBound(to: UInt.self)
      unsafe words[number / UInt.bitWidth] |= 1 << (number % UInt.bitWidth)
    }
    unsafe sched_setaffinity(0, size, &only)
    defer { unsafe sched_setaffinity(0, size, &before) }
    return try body()
  }
}
