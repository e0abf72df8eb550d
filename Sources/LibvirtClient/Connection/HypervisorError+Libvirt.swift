// SPDX-License-Identifier: Apache-2.0
import CLibvirt
import DomainXML
import MemoryModel

extension HypervisorError {
  /// The error that libvirt keeps for this thread, which `call` has just met; `virGetLastError`.
  static func last(in call: String) -> HypervisorError {
    guard let error = unsafe virGetLastError() else {
      return HypervisorError(.refused, call: call, message: "libvirt gave no reason")
    }
    let (code, domain) = unsafe (error.pointee.code, error.pointee.domain)
    let message = unsafe error.pointee.message.map {
      unsafe String(cString: $0).hidingPasswords
    }
    let kind = Kind(code: code, domain: domain)
    return HypervisorError(
      kind, call: call, code: code, domain: domain,
      message: message.map { kind == .connection ? lastWords(of: $0) : $0 }
        ?? "libvirt gave no reason")
  }

  /// Whether this is libvirt's error `code`.
  func has(_ code: virErrorNumber) -> Bool {
    self.code == Int32(code.rawValue)
  }
}

/// The last two lines of a message about a connection, in one.
///
/// In such a message stands all that ssh has printed: fifteen lines where a host's key has changed,
/// of which the last two say so.
func lastWords(of message: String) -> String {
  message.split(whereSeparator: \.isNewline).suffix(2)
    .map { String($0.drop(while: \.isWhitespace)) }
    .joined(separator: " ")
}

extension HypervisorError.Kind {
  /// The kind of libvirt's error `code` from its part `domain`; the message has no say.
  init(code: Int32, domain: Int32) {
    let isTransport = [VIR_FROM_RPC, VIR_FROM_REMOTE].contains { Int32($0.rawValue) == domain }
    switch virErrorNumber(UInt32(bitPattern: code)) {
    case VIR_ERR_NO_SUPPORT: self = .unsupported
    case VIR_ERR_NO_DOMAIN: self = .noDomain
    // The lock that every change of a domain takes first was not to be had.
    case VIR_ERR_OPERATION_TIMEOUT, VIR_ERR_RESOURCE_BUSY: self = .busy
    case VIR_ERR_NO_CONNECT, VIR_ERR_INVALID_CONN, VIR_ERR_RPC, VIR_ERR_GNUTLS_ERROR, VIR_ERR_SSH,
      VIR_ERR_LIBSSH, VIR_ERR_AUTH_FAILED, VIR_ERR_AUTH_CANCELLED, VIR_ERR_AUTH_UNAVAILABLE:
      self = .connection
    // A socket that breaks is told as one of these, by the client's own transport.
    case VIR_ERR_INTERNAL_ERROR, VIR_ERR_SYSTEM_ERROR: self = isTransport ? .connection : .refused
    default: self = .refused
    }
  }
}

/// Makes a C call that answers with a number, negative where it failed.
///
/// Tells the watchdog the name first, and reads the error on the thread that met it.
@discardableResult
func libvirt(_ name: String, _ call: () -> Int32) throws(HypervisorError) -> Int32 {
  Job.current?.willCall(name)
  let answer = call()
  guard answer >= 0 else { throw .last(in: name) }
  return answer
}

/// Makes a C call that answers with a pointer, null where it failed.
func libvirt<Pointer>(_ name: String, _ call: () -> Pointer?) throws(HypervisorError) -> Pointer {
  Job.current?.willCall(name)
  guard let answer = call() else { throw .last(in: name) }
  return answer
}

/// Makes libvirt ready for threads, and stops its printing to standard error.
///
/// `virInitialize` and `virSetErrorFunc`, once a process.
let libvirtIsReady: Bool = initializeLibvirt()

/// A free function, and so isolated to nothing: libvirt calls what is formed here on any thread.
private func initializeLibvirt() -> Bool {
  unsafe virSetErrorFunc(nil) { _, _ in }
  // libvirt's test driver reads files by libxml2, which has a voice of its own.
  XMLErrors.silence()
  return ClientLog.redirect { virInitialize() == 0 }
}
