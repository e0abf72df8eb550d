// SPDX-License-Identifier: Apache-2.0

internal import CNettle

/// The SHA-256 hash function (FIPS 180-4), which identifies plans.
///
/// Nettle computes it, with the processor's own instructions where it has them. libvirt loads
/// Nettle for TLS, so virtmem loads nothing more.
package struct SHA256: Sendable {
  private var context = sha256_ctx()

  /// Makes the hash of an empty message.
  package init() {
    unsafe nettle_sha256_init(&context)
  }

  /// The hash of `message` in lower-case hexadecimal.
  package static func hexadecimal(of message: [UInt8]) -> String {
    var hash = SHA256()
    hash.add(message.span)
    return hash.hexadecimal()
  }

  /// Appends `bytes` to the message.
  package mutating func add(_ bytes: Span<UInt8>) {
    unsafe bytes.withUnsafeBufferPointer { bytes in
      unsafe nettle_sha256_update(&context, bytes.count, bytes.baseAddress)
    }
  }

  /// The hash of the message so far, in lower-case hexadecimal.
  package func hexadecimal() -> String {
    var (context, digest) = (context, InlineArray<32, UInt8>(repeating: 0))
    var bytes = digest.mutableSpan
    unsafe bytes.withUnsafeMutableBufferPointer { digest in
      unsafe virtmem_sha256_digest(&context, digest.baseAddress)
    }
    return String(hexadecimal: digest.span)
  }
}
