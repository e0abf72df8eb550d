// SPDX-License-Identifier: Apache-2.0

/// The parts of a connection URI, split as libvirt splits it.
///
/// libvirt parses with libxml2's `xmlParseURI` and decodes the names and values of parameters, so
/// `%6Eetcat` means `netcat`. A scheme is a driver and, after `+`, a transport in any case.
struct LibvirtURI {
  /// The driver, such as `qemu`.
  let driver: String
  /// The transport in lower case; nil where the scheme has none.
  let transport: String?
  /// The user, decoded, with a password if there is one; nil where the URI has no user.
  let user: String?
  /// The host as written, with the brackets of an IPv6 address; nil where the URI has no host.
  let host: String?
  /// The text after the colon of the port; nil without a colon.
  let port: String?
  /// The path, decoded.
  let path: String
  /// The parameters in their order, decoded, with names in lower case.
  let parameters: [(name: String, value: String)]

  /// Whether `text` can be a name in `uri_aliases` of libvirt.conf.
  static func isAlias(_ text: String) -> Bool {
    !text.isEmpty && text.utf8.allSatisfy { isAlphanumeric($0) || "_-".utf8.contains($0) }
  }

  /// Splits `text` into its parts.
  ///
  /// - Throws: ``URIRefusal`` where two parsers could understand the URI differently.
  init(_ text: String) throws(URIRefusal) {
    guard text.utf8.allSatisfy({ Self.isAlphanumeric($0) || Self.marks.contains($0) }) else {
      throw .unclear("a character that it does not need")
    }
    let scheme = text.utf8.prefix { $0 != UInt8(ascii: ":") }
    guard scheme.count < text.utf8.count, let first = scheme.first, Self.isLetter(first),
      scheme.allSatisfy({ Self.isAlphanumeric($0) || "+-.".utf8.contains($0) })
    else { throw .unclear("no scheme such as qemu+ssh:") }
    let parts = Substring(scheme).split(
      separator: "+", maxSplits: 1, omittingEmptySubsequences: false)
    driver = String(parts[0])
    transport = parts.count > 1 ? parts[1].lowercased() : nil
    var rest = text.dropFirst(scheme.count + 1)
    guard rest.hasPrefix("/") else { throw .unclear("no // behind its scheme") }
    var authority: Substring = ""
    if rest.hasPrefix("//") {
      authority = rest.dropFirst(2).prefix { $0 != "/" && $0 != "?" }
      rest = rest.dropFirst(2 + authority.count)
    }
    (user, host, port) = try Self.parts(of: authority)
    path = try Self.decoded(rest.prefix { $0 != "?" })
    parameters = try Self.parameters(of: rest.drop { $0 != "?" }.dropFirst())
  }

  private static func parts(
    of authority: Substring
  ) throws(URIRefusal) -> (user: String?, host: String?, port: String?) {
    var place = authority
    var user: String?
    if let at = authority.lastIndex(of: "@") {
      user = try decoded(authority[..<at])
      guard !authority[..<at].contains("@") else { throw .unclear("two @ before its path") }
      place = authority[authority.index(after: at)...]
    }
    // The brackets of an IPv6 address separate its colons from that of the port.
    let end = place.hasPrefix("[") ? place.firstIndex(of: "]") : nil
    let name = end.map { place[...$0] } ?? place.prefix { $0 != ":" }
    let behind = place.dropFirst(name.count)
    guard behind.isEmpty || behind.hasPrefix(":") else { throw .unclear("text behind its host") }
    return (
      user, name.isEmpty ? nil : String(name), behind.isEmpty ? nil : String(behind.dropFirst())
    )
  }

  private static func parameters(
    of query: Substring
  ) throws(URIRefusal) -> [(name: String, value: String)] {
    guard !query.isEmpty else { return [] }
    var parameters: [(name: String, value: String)] = []
    for part in query.split(separator: "&", omittingEmptySubsequences: false) {
      let name = try decoded(part.prefix { $0 != "=" }).lowercased()
      guard !name.isEmpty else { throw .unclear("a parameter without a name") }
      guard !parameters.contains(where: { $0.name == name }) else {
        throw .unclear("the parameter \(name) twice")
      }
      parameters.append((name, try decoded(part.drop { $0 != "=" }.dropFirst())))
    }
    return parameters
  }

  /// `text` with percent escapes such as `%41` decoded.
  static func decoded(_ text: Substring) throws(URIRefusal) -> String {
    guard text.utf8.contains(UInt8(ascii: "%")) else { return String(text) }
    var bytes: [UInt8] = []
    var rest = text.utf8[...]
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "%") else {
        bytes.append(byte)
        continue
      }
      let digits = rest.prefix(2)
      guard digits.count == 2, digits.allSatisfy(Self.isAlphanumeric),
        let code = UInt8(Substring(digits), radix: 16)
      else { throw .unclear("a % without two hexadecimal digits behind it") }
      bytes.append(code)
      rest = rest.dropFirst(2)
    }
    guard let decoded = String(validating: bytes, as: UTF8.self),
      !decoded.unicodeScalars.contains(where: { $0.properties.generalCategory == .control })
    else { throw .unclear("a control character behind a %") }
    return decoded
  }

  /// The characters in URIs besides letters and digits.
  ///
  /// `;` and `#` are missing because parsers of libvirt URIs disagree on them.
  private static let marks = Set("%:/?@[]&=+,.~_-!$'()*".utf8)

  static func isAlphanumeric(_ byte: UInt8) -> Bool {
    isLetter(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
  }

  private static func isLetter(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
  }
}
