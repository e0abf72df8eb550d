// SPDX-License-Identifier: Apache-2.0

/// The passwords in the URIs of a connection, which no message may show.
///
/// Messages of libvirt and ssh repeat a password outside of a URI, decoded or in a URI that is
/// malformed. So it is hidden by its text, wherever that occurs.
package struct Secrets: Hashable, Sendable {
  /// No passwords.
  package static let none = Secrets(ofURIs: [])

  /// The passwords as they are written and decoded, the longest first.
  private let texts: [[UInt8]]

  /// Collects the passwords in `uris`; each may have other text before its scheme.
  package init(ofURIs uris: [String]) {
    let written = uris.flatMap(Self.passwords)
    let texts = written.map(String.init) + written.compactMap { try? LibvirtURI.decoded($0) }
    self.texts = Set(texts.filter { !$0.isEmpty })
      .sorted { ($1.utf8.count, $0) < ($0.utf8.count, $1) }.map { Array($0.utf8) }
  }

  /// `text` with `***` in place of each password.
  package func hiding(in text: String) -> String {
    guard !texts.isEmpty else { return text }
    let hidden = texts.reduce(Array(text.utf8)) { $0.replacing($1, with: "***".utf8) }
    return String(decoding: hidden, as: UTF8.self)
  }

  /// All that may be a password in `uri`: the text between the first colon and the last `@`, of the
  /// authority and of the whole, and the values of parameters for secrets.
  ///
  /// In a malformed URI a password can hold the `/` that would end the authority.
  private static func passwords(in uri: String) -> [Substring] {
    guard let start = uri.firstRange(of: "://")?.upperBound else { return [] }
    let rest = uri[start...]
    let authority = rest.prefix { $0 != "/" && $0 != "?" }
    let parameters = rest.drop { $0 != "?" }.dropFirst().split { "&;".contains($0) }
    return [authority, rest].compactMap(password) + parameters.compactMap(secret)
  }

  private static func password(in text: Substring) -> Substring? {
    guard let end = text.lastIndex(of: "@") else { return nil }
    // `%3A` is an encoded colon.
    let colons = [":", "%3A", "%3a"].compactMap { text[..<end].firstRange(of: $0) }
    return colons.min { $0.lowerBound < $1.lowerBound }.map { text[$0.upperBound..<end] }
  }

  private static func secret(of parameter: Substring) -> Substring? {
    let name = parameter.prefix { $0 != "=" }
    let meaning = ((try? LibvirtURI.decoded(name)) ?? "").lowercased()
    let isSecret = ["pass", "secret", "token"].contains { meaning.contains($0) }
    return isSecret ? parameter.dropFirst(name.count + 1) : nil
  }
}
