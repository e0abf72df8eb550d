// SPDX-License-Identifier: Apache-2.0
import Basics
import Testing

@Suite struct SHA256Tests {
  @Test(
    "the hashes are those of NIST's examples",
    arguments: [
      ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
      ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
      (
        "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
      ),
      (
        String(repeating: "a", count: 1_000_000),
        "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
      ),
    ])
  func vector(message: String, hash: String) {
    #expect(SHA256.hexadecimal(of: Array(message.utf8)) == hash)
  }

  @Test("a message in pieces has the same hash as the whole", arguments: [1, 55, 63, 64, 65])
  func pieces(size: Int) {
    let message = (0..<300).map { UInt8(truncatingIfNeeded: $0 * 7) }
    var hash = SHA256()
    for start in stride(from: 0, to: message.count, by: size) {
      let end = min(message.count, start + size)
      #expect(hash.hexadecimal() == SHA256.hexadecimal(of: Array(message[..<start])))
      hash.add(message.span.extracting(start..<end))
    }
    #expect(hash.hexadecimal() == SHA256.hexadecimal(of: message))
  }
}
