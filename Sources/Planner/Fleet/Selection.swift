// SPDX-License-Identifier: Apache-2.0

package import MemoryModel

/// The domains that a run covers: `--domain`, `--selector` and `--shard`.
///
/// Several `--domain` widen the selection; several selectors, and both options together, narrow it.
package struct Selection: Hashable, Sendable {
  private let globs: [Glob]
  private let selectors: [LabelSelector]
  /// The part of the hosts that the run covers; nil for all hosts.
  package var shard: Shard?

  /// The selection of every domain.
  package static let all = Selection(domains: [], selectors: [])

  /// Makes a selection of `[HOST/]GLOB` patterns and label selectors.
  package init(domains: [String], selectors: [LabelSelector]) {
    globs = domains.map(Glob.init)
    self.selectors = selectors
  }

  /// Whether the run's shard has `host`.
  package func covers(_ host: DesiredHost) -> Bool { shard?.contains(host.name) ?? true }

  /// Whether `domain` is selected if it is on `host`.
  package func selects(_ domain: DesiredDomain, on host: DesiredHost) -> Bool {
    covers(host) && matches(domain, on: host)
  }

  /// Whether the patterns and selectors select `domain` if it is on `host`.
  func matches(_ domain: DesiredDomain, on host: DesiredHost) -> Bool {
    guard globs.isEmpty || globs.contains(where: { $0.matches(domain.name, on: host.name) })
    else { return false }
    guard !selectors.isEmpty else { return true }
    let labels = host.labels.merging(domain.labels) { _, own in own }
    return selectors.allSatisfy { $0.selects(labels) }
  }

  /// Whether a domain that no manifest declares can be selected on `host`.
  package func reaches(_ host: DesiredHost) -> Bool {
    covers(host) && (globs.isEmpty || globs.contains { $0.matches(hostName: host.name) })
      && selectors.allSatisfy { $0.selects(host.labels) }
  }

  /// Whether the selection excludes no domain because of its name.
  package var selectsEveryName: Bool { globs.isEmpty }

  /// The names of all domains that can be selected; nil if there are patterns, or no names.
  package var exactNames: Set<String>? {
    let names = globs.map(\.exactName)
    return names.isEmpty || names.contains(nil) ? nil : Set(names.compactMap(\.self))
  }

  /// The patterns, as the user gave them, that match none of `domains`, each with its host's name.
  package func patterns(missing domains: [(host: String, name: String)]) -> [String] {
    globs.filter { glob in !domains.contains { glob.matches($0.name, on: $0.host) } }.map(\.text)
  }
}

/// A pattern of names with `*`, `?` and `[…]`, optionally with a host before a slash.
private struct Glob: Hashable, Sendable {
  private let host: [Character]?
  private let domain: [Character]
  /// The pattern as the user gave it.
  let text: String

  init(_ text: String) {
    self.text = text
    let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    host = parts.count == 2 ? Array(parts[0]) : nil
    domain = Array(parts.last ?? "")
  }

  func matches(_ name: String, on hostName: String) -> Bool {
    Self.match(domain[...], Array(name)[...])
      && matches(hostName: hostName)
  }

  func matches(hostName: String) -> Bool {
    host.map { Self.match($0[...], Array(hostName)[...]) } ?? true
  }

  /// The only name that matches; nil for a pattern.
  var exactName: String? {
    domain.contains(where: { "*?[".contains($0) }) ? nil : String(domain)
  }

  private static func match(
    _ pattern: ArraySlice<Character>, _ text: ArraySlice<Character>
  ) -> Bool {
    var (pattern, text) = (pattern, text)
    // The last star and the text after its match: a mismatch is retried only from there.
    var star: (pattern: ArraySlice<Character>, text: ArraySlice<Character>)?
    while let character = text.first {
      if pattern.first == "*" {
        pattern = pattern.dropFirst()
        star = (pattern, text)
      } else if let rest = single(pattern, character) {
        pattern = rest
        text = text.dropFirst()
      } else if let last = star {
        star = (last.pattern, last.text.dropFirst())
        pattern = last.pattern
        text = last.text.dropFirst()
      } else {
        return false
      }
    }
    return pattern.allSatisfy { $0 == "*" }
  }

  /// The rest of `pattern` if its first element matches `character`; else nil.
  private static func single(
    _ pattern: ArraySlice<Character>, _ character: Character
  ) -> ArraySlice<Character>? {
    guard let first = pattern.first else { return nil }
    if first == "?" { return pattern.dropFirst() }
    if first == "[", let end = pattern.dropFirst(2).firstIndex(of: "]") {
      var members = pattern[(pattern.startIndex + 1)..<end]
      let isNegated = members.first == "!" || members.first == "^"
      if isNegated { members = members.dropFirst() }
      return contains(members, character) != isNegated ? pattern[(end + 1)...] : nil
    }
    return first == character ? pattern.dropFirst() : nil
  }

  private static func contains(_ members: ArraySlice<Character>, _ character: Character) -> Bool {
    var members = members
    while let low = members.popFirst() {
      if members.first == "-", let high = members.dropFirst().first {
        members = members.dropFirst(2)
        if low <= character && character <= high { return true }
      } else if low == character {
        return true
      }
    }
    return false
  }
}

/// A label selector as kubectl's: `app=web,rack!=b,tier in (a, b),!legacy`.
package struct LabelSelector: Hashable, Sendable {
  private enum Requirement: Hashable, Sendable {
    case among(String, Set<String>)
    case notAmong(String, Set<String>)
    case exists(String)
    case missing(String)
  }

  private let requirements: [Requirement]

  /// Reads a selector; nil if the text is not a valid one.
  package init?(_ text: String) {
    var requirements: [Requirement] = []
    for part in Self.parts(of: text) {
      guard let requirement = Self.requirement(part) else { return nil }
      requirements.append(requirement)
    }
    guard !requirements.isEmpty else { return nil }
    self.requirements = requirements
  }

  /// Whether `labels` meet every requirement.
  package func selects(_ labels: [String: String]) -> Bool {
    requirements.allSatisfy { requirement in
      switch requirement {
      case .among(let key, let values): labels[key].map(values.contains) ?? false
      case .notAmong(let key, let values): labels[key].map { !values.contains($0) } ?? true
      case .exists(let key): labels[key] != nil
      case .missing(let key): labels[key] == nil
      }
    }
  }

  /// Splits the text at its commas, but not at those in parentheses.
  private static func parts(of text: String) -> [String] {
    var parts = [""]
    var depth = 0
    for character in text {
      if character == "(" { depth += 1 }
      if character == ")" { depth -= 1 }
      if character == "," && depth == 0 {
        parts.append("")
      } else {
        parts[parts.count - 1].append(character)
      }
    }
    return parts
  }

  private static func requirement(_ text: String) -> Requirement? {
    let trimmed = String(text.trimmingSpaces)
    if let open = trimmed.firstIndex(of: "("), trimmed.hasSuffix(")") {
      let words = trimmed[..<open].split(separator: " ")
      let values = trimmed[trimmed.index(after: open)...].dropLast().split(
        separator: ",", omittingEmptySubsequences: false)
      guard words.count == 2, isKey(words[0]) else { return nil }
      let set = Set(values.map { String($0.trimmingSpaces) })
      switch words[1] {
      case "in": return .among(String(words[0]), set)
      case "notin": return .notAmong(String(words[0]), set)
      default: return nil
      }
    }
    for sign in ["!=", "==", "="] {
      guard let (key, value) = split(trimmed, at: sign) else { continue }
      guard isKey(key), !value.contains("=") else { return nil }
      return sign == "!=" ? .notAmong(key, [value]) : .among(key, [value])
    }
    if trimmed.hasPrefix("!") {
      let key = trimmed.dropFirst().trimmingSpaces
      return isKey(key) ? .missing(String(key)) : nil
    }
    return isKey(trimmed) ? .exists(trimmed) : nil
  }

  private static func split(_ text: String, at sign: String) -> (String, String)? {
    var rest = text[...]
    while !rest.isEmpty, !rest.hasPrefix(sign) { rest = rest.dropFirst() }
    guard !rest.isEmpty else { return nil }
    let key = text[..<rest.startIndex].trimmingSpaces
    return (String(key), String(rest.dropFirst(sign.count).trimmingSpaces))
  }

  private static func isKey(_ text: some StringProtocol) -> Bool {
    !text.isEmpty && text.allSatisfy { $0.isLetter || $0.isNumber || "-_./".contains($0) }
  }
}

extension StringProtocol {
  fileprivate var trimmingSpaces: SubSequence {
    var rest = self[...]
    while rest.first == " " { rest = rest.dropFirst() }
    while rest.last == " " { rest = rest.dropLast() }
    return rest
  }
}
