// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// The process and the user that runs it, for records that other people read.
package enum ProcessOwner {
  /// The number of the process.
  package static var processID: Int32 { getpid() }

  /// The name of the user that runs the process; `uid 1000` where the user has no name.
  package static var userName: String {
    let user = getuid()
    var (entry, found) = unsafe (passwd(), UnsafeMutablePointer<passwd>?.none)
    return unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: 16_384) { buffer in
      guard let memory = buffer.baseAddress,
        unsafe getpwuid_r(user, &entry, memory, buffer.count, &found) == 0,
        let name = unsafe found?.pointee.pw_name
      else { return "uid \(user)" }
      return unsafe String(cString: name)
    }
  }

  /// A text that no other run has: 32 hexadecimal digits from the kernel's random numbers.
  package static var runID: String {
    var generator = SystemRandomNumberGenerator()
    func digits() -> String {
      let digits = String(generator.next() as UInt64, radix: 16)
      return String(repeating: "0", count: 16 - digits.count) + digits
    }
    return digits() + digits()
  }
}
