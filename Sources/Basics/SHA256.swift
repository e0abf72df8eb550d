// SPDX-License-Identifier: Apache-2.0

/// The SHA-256 hash function (FIPS 180-4), which identifies plans.
package struct SHA256: Sendable {
  private var state = initialState
  /// The last bytes of the message that do not fill a block yet.
  private var rest = InlineArray<64, UInt8>(repeating: 0)
  private var count = 0

  /// Makes the hash of an empty message.
  package init() {}

  /// The hash of `message` in lower-case hexadecimal.
  package static func hexadecimal(of message: [UInt8]) -> String {
    var hash = SHA256()
    hash.add(message.span)
    return hash.hexadecimal()
  }

  /// Appends `bytes` to the message.
  package mutating func add(_ bytes: Span<UInt8>) {
    var start = 0
    while count % 64 != 0 && start < bytes.count {
      add(bytes[start])
      start += 1
    }
    let end = start + (bytes.count - start) / 64 * 64
    Self.compress(bytes.extracting(start..<end), into: &state)
    count += end - start
    for index in end..<bytes.count { add(bytes[index]) }
  }

  private mutating func add(_ byte: UInt8) {
    rest[count % 64] = byte
    count += 1
    guard count % 64 == 0 else { return }
    let block = rest
    Self.compress(block.span, into: &state)
  }

  /// The hash of the message so far, in lower-case hexadecimal.
  package func hexadecimal() -> String {
    var padded = self
    let bitCount = UInt64(count) * 8
    padded.add(0x80)
    while padded.count % 64 != 56 { padded.add(0) }
    for shift in stride(from: 56, through: 0, by: -8) {
      padded.add(UInt8(truncatingIfNeeded: bitCount >> UInt64(shift)))
    }
    return Self.hexadecimal(padded.state)
  }

  private typealias State = InlineArray<8, UInt32>

  /// Adds whole blocks of 64 bytes to `state`.
  private static func compress(_ blocks: Span<UInt8>, into state: inout State) {
    // An array on the heap would be slow: the plan of a large fleet has tens of thousands of
    // blocks.
    var schedule = InlineArray<64, UInt32>(repeating: 0)
    for block in stride(from: 0, to: blocks.count, by: 64) {
      let bytes = blocks.extracting(block..<block + 64)
      for word in 0..<16 {
        let start = word * 4
        let high = UInt32(bytes[start]) << 24 | UInt32(bytes[start + 1]) << 16
        schedule[word] = high | UInt32(bytes[start + 2]) << 8 | UInt32(bytes[start + 3])
      }
      for word in 16..<64 {
        let (near, far) = (schedule[word - 15], schedule[word - 2])
        let small0 = rotate(near, 7) ^ rotate(near, 18) ^ near >> 3
        let small1 = rotate(far, 17) ^ rotate(far, 19) ^ far >> 10
        schedule[word] = schedule[word - 16] &+ small0 &+ schedule[word - 7] &+ small1
      }
      for word in 0..<64 { schedule[word] &+= roundConstants[word] }
      var (a, b, c, d) = (state[0], state[1], state[2], state[3])
      var (e, f, g, h) = (state[4], state[5], state[6], state[7])
      // The eight words change their roles in each round, which saves moving them.
      for round in stride(from: 0, to: 64, by: 8) {
        mix(a, b, c, &d, e, f, g, &h, schedule[round])
        mix(h, a, b, &c, d, e, f, &g, schedule[round + 1])
        mix(g, h, a, &b, c, d, e, &f, schedule[round + 2])
        mix(f, g, h, &a, b, c, d, &e, schedule[round + 3])
        mix(e, f, g, &h, a, b, c, &d, schedule[round + 4])
        mix(d, e, f, &g, h, a, b, &c, schedule[round + 5])
        mix(c, d, e, &f, g, h, a, &b, schedule[round + 6])
        mix(b, c, d, &e, f, g, h, &a, schedule[round + 7])
      }
      let mixed: State = [a, b, c, d, e, f, g, h]
      for index in state.indices { state[index] &+= mixed[index] }
    }
  }

  /// Computes one round: `d` becomes `e`, and `h` becomes `a`, of the next round.
  private static func mix(
    _ a: UInt32, _ b: UInt32, _ c: UInt32, _ d: inout UInt32, _ e: UInt32, _ f: UInt32,
    _ g: UInt32, _ h: inout UInt32, _ word: UInt32
  ) {
    let big1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)
    let first = h &+ big1 &+ (e & f ^ ~e & g) &+ word
    let big0 = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)
    d &+= first
    h = first &+ big0 &+ (a & b ^ a & c ^ b & c)
  }

  private static func rotate(_ word: UInt32, _ count: UInt32) -> UInt32 {
    word >> count | word << (32 - count)
  }

  private static func hexadecimal(_ state: State) -> String {
    let text = (0..<64).map { index in
      let digit = UInt8(state[index / 8] >> UInt32(28 - index % 8 * 4) & 0xF)
      return digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10
    }
    return String(decoding: text, as: UTF8.self)
  }

  private static let initialState: State = [
    0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab,
    0x5be0_cd19,
  ]

  private static let roundConstants: InlineArray<64, UInt32> = [
    0x428a_2f98, 0x7137_4491, 0xb5c0_fbcf, 0xe9b5_dba5, 0x3956_c25b, 0x59f1_11f1, 0x923f_82a4,
    0xab1c_5ed5, 0xd807_aa98, 0x1283_5b01, 0x2431_85be, 0x550c_7dc3, 0x72be_5d74, 0x80de_b1fe,
    0x9bdc_06a7, 0xc19b_f174, 0xe49b_69c1, 0xefbe_4786, 0x0fc1_9dc6, 0x240c_a1cc, 0x2de9_2c6f,
    0x4a74_84aa, 0x5cb0_a9dc, 0x76f9_88da, 0x983e_5152, 0xa831_c66d, 0xb003_27c8, 0xbf59_7fc7,
    0xc6e0_0bf3, 0xd5a7_9147, 0x06ca_6351, 0x1429_2967, 0x27b7_0a85, 0x2e1b_2138, 0x4d2c_6dfc,
    0x5338_0d13, 0x650a_7354, 0x766a_0abb, 0x81c2_c92e, 0x9272_2c85, 0xa2bf_e8a1, 0xa81a_664b,
    0xc24b_8b70, 0xc76c_51a3, 0xd192_e819, 0xd699_0624, 0xf40e_3585, 0x106a_a070, 0x19a4_c116,
    0x1e37_6c08, 0x2748_774c, 0x34b0_bcb5, 0x391c_0cb3, 0x4ed8_aa4a, 0x5b9c_ca4f, 0x682e_6ff3,
    0x748f_82ee, 0x78a5_636f, 0x84c8_7814, 0x8cc7_0208, 0x90be_fffa, 0xa450_6ceb, 0xbef9_a3f7,
    0xc671_78f2,
  ]
}
