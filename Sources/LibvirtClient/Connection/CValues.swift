// SPDX-License-Identifier: Apache-2.0
import CLibvirt
import Glibc
import MemoryModel

/// Makes a C call that returns a string which the caller must free; copies and frees it.
func string(
  _ name: String, _ call: () -> UnsafeMutablePointer<CChar>?
) throws(HypervisorError) -> String {
  let text = unsafe try libvirt(name, call)
  defer { unsafe free(text) }
  return unsafe String(cString: text)
}

/// The text in a C array of characters, up to its terminating zero.
func string(ofCharacters characters: some Sequence<CChar>) -> String {
  String(decoding: characters.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
}

/// The text in a character array of a C struct, which Swift imports as a tuple.
func string<Field>(ofField field: Field) -> String {
  unsafe withUnsafeBytes(of: field) { bytes in
    unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
  }
}

/// A list of libvirt's typed parameters that the caller owns; `virTypedParameter`.
@safe struct TypedParameters: ~Copyable {
  private let list: virTypedParameterPtr?
  private let count: Int32

  /// Makes a view of the `count` parameters at `list`.
  init(_ list: virTypedParameterPtr?, count: Int32) {
    unsafe self.list = unsafe list
    self.count = count
  }

  /// The unsigned 64-bit value `name`; nil without one of this type; `virTypedParamsGetULLong`.
  func unsigned(_ name: String) -> UInt64? {
    var value: UInt64 = 0
    return unsafe virTypedParamsGetULLong(list, count, name, &value) > 0 ? value : nil
  }

  /// The 32-bit value `name`; nil without one of this type; `virTypedParamsGetInt`.
  func integer(_ name: String) -> Int32? {
    var value: Int32 = 0
    return unsafe virTypedParamsGetInt(list, count, name, &value) > 0 ? value : nil
  }
}
