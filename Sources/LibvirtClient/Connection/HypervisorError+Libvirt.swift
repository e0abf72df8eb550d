// SPDX-License-Identifier: Apache-2.0
import CLibvirt
import DomainXML
import MemoryModel

extension HypervisorError {
  /// The last error of libvirt on this thread, which `call` returned; `virGetLastError`.
  static func last(in call: String) -> HypervisorError {
    guard let error = unsafe virGetLastError() else {
      return HypervisorError(.refused, call: call, message: "libvirt gave no reason")
    }
    let (code, domain) = unsafe (error.pointee.code, error.pointee.domain)
    let message = unsafe error.pointee.message.map {
      hidingPasswords(in: unsafe String(cString: $0))
    }
    let kind = Kind(code: code, domain: domain)
    return HypervisorError(
      kind, call: call, code: code, domain: domain,
      message: message.map { shortened($0, kind: kind, code: code) } ?? "libvirt gave no reason")
  }

  private static func shortened(_ message: String, kind: Kind, code: Int32) -> String {
    if code == Int32(VIR_ERR_XML_DETAIL.rawValue) { return withoutQuotedXML(message) }
    return kind == .connection ? lastWords(of: message) : message
  }

  /// Whether this is libvirt's error `code`.
  func has(_ code: virErrorNumber) -> Bool {
    self.code == Int32(code.rawValue)
  }
}

/// `message` without the passwords of the connection for which this thread works, and without those
/// of any URI in it.
func hidingPasswords(in message: String) -> String {
  (Job.current?.secrets ?? Secrets.none).hiding(in: message).hidingPasswords
}

/// The last two lines of a message about a connection, joined.
///
/// libvirt's message contains all output of ssh. Where a host key has changed, that is fifteen
/// lines, and the last two say so.
func lastWords(of message: String) -> String {
  message.split(whereSeparator: \.isNewline).suffix(2)
    .map { String($0.drop(while: \.isWhitespace)) }
    .joined(separator: " ")
}

/// A message about malformed XML without what it quotes of the file; only the place remains.
///
/// libvirt shows the line that libxml2 can't read, and a document can make libvirt read any file: a
/// URI of the test driver names a file, and the file can name others.
func withoutQuotedXML(_ message: String) -> String {
  // The message looks like `FILE:LINE: reason`, or `at line LINE: reason` where there is no file.
  let parts = message.prefix { !$0.isNewline }.split(separator: ": ", maxSplits: 1)
  return "\(parts.count > 1 ? parts[0] : "somewhere"): libvirt can't read this as XML"
}

extension HypervisorError.Kind {
  /// The kind of libvirt's error `code` from the component `domain`; the message is not used.
  init(code: Int32, domain: Int32) {
    let isTransport = [VIR_FROM_RPC, VIR_FROM_REMOTE].contains { Int32($0.rawValue) == domain }
    let isSSH = [VIR_FROM_SSH, VIR_FROM_LIBSSH].contains { Int32($0.rawValue) == domain }
    switch virErrorNumber(UInt32(bitPattern: code)) {
    case VIR_ERR_NO_SUPPORT: self = .unsupported
    case VIR_ERR_NO_DOMAIN: self = .noDomain
    // libvirt could not get the job lock, which every change of a domain needs.
    case VIR_ERR_OPERATION_TIMEOUT, VIR_ERR_RESOURCE_BUSY: self = .busy
    case VIR_ERR_NO_CONNECT, VIR_ERR_INVALID_CONN, VIR_ERR_RPC, VIR_ERR_GNUTLS_ERROR, VIR_ERR_SSH,
      VIR_ERR_LIBSSH:
      self = .connection
    case VIR_ERR_ACCESS_DENIED: self = .denied
    // The ssh libraries also report a host key that they don't know as failed authentication.
    case VIR_ERR_AUTH_FAILED, VIR_ERR_AUTH_CANCELLED, VIR_ERR_AUTH_UNAVAILABLE:
      self = isSSH ? .connection : .denied
    // The client's transport reports a broken socket as one of these.
    case VIR_ERR_INTERNAL_ERROR, VIR_ERR_SYSTEM_ERROR: self = isTransport ? .connection : .refused
    default: self = .refused
    }
  }
}

/// Makes a C call that returns a number; a negative number means failure.
///
/// The job records `name` first, for the message of a deadline.
@discardableResult
func libvirt(_ name: String, _ call: () -> Int32) throws(HypervisorError) -> Int32 {
  Job.current?.willCall(name)
  let answer = call()
  guard answer >= 0 else { throw .last(in: name) }
  return answer
}

/// Makes a C call that returns a pointer; null means failure.
///
/// The job records `name` first, for the message of a deadline.
func libvirt<Pointer>(_ name: String, _ call: () -> Pointer?) throws(HypervisorError) -> Pointer {
  Job.current?.willCall(name)
  guard let answer = call() else { throw .last(in: name) }
  return answer
}

/// Whether libvirt is ready for use by several threads; the first use initializes it.
///
/// `virInitialize` and `virSetErrorFunc`; libvirt then no longer prints errors to standard error.
let libvirtIsReady: Bool = initializeLibvirt()

/// Initializes libvirt.
///
/// It is a free function, and so not isolated to an actor: libvirt calls its closure on any thread.
private func initializeLibvirt() -> Bool {
  unsafe virSetErrorFunc(nil) { _, _ in }
  // libvirt's test driver reads files with libxml2, which prints errors itself.
  XMLErrors.silence()
  return ClientLog.redirect { virInitialize() == 0 }
}
