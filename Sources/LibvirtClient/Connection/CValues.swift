// SPDX-License-Identifier: Apache-2.0
import CLibvirt
import Glibc
import MemoryModel

/// Makes a C call that answers with a string for the caller to free.
func string(
  _ name: String, _ call: () -> UnsafeMutablePointer<CChar>?
) throws(HypervisorError) -> String {
  let text = unsafe try libvirt(name, call)
  defer { unsafe free(text) }
  return unsafe String(cString: text)
}

/// The text in a C array of characters, up to its zero.
func string(ofCharacters characters: some Sequence<CChar>) -> String {
  String(decoding: characters.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
}

/// The text in a field of a C struct, which Swift sees as a tuple.
func string<Field>(ofField field: Field) -> String {
  unsafe withUnsafeBytes(of: field) { bytes in
    unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
  }
}

/// A list of libvirt's named values, which somebody else keeps; `virTypedParameter`.
@safe struct TypedParameters: ~Copyable {
  private let list: virTypedParameterPtr?
  private let count: Int32

  /// Looks at the `count` values at `list`.
  init(_ list: virTypedParameterPtr?, count: Int32) {
    unsafe self.list = unsafe list
    self.count = count
  }

  /// The value named `name`, where there is one of this type; `virTypedParamsGetULLong`.
  func unsigned(_ name: String) -> UInt64? {
    var value: UInt64 = 0
    return unsafe virTypedParamsGetULLong(list, count, name, &value) > 0 ? value : nil
  }

  /// The value named `name`, where there is one of this type; `virTypedParamsGetInt`.
  func integer(_ name: String) -> Int32? {
    var value: Int32 = 0
    return unsafe virTypedParamsGetInt(list, count, name, &value) > 0 ? value : nil
  }
}
