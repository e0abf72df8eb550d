// SPDX-License-Identifier: Apache-2.0

internal import Basics
internal import Platform
package import YAML
package import MemoryModel

/// The reason why virtmem does not accept a file as a snapshot.
package struct InvalidSnapshot: Error, Hashable, Sendable {
  /// The mistake, its place in the file, and the remedy.
  package let diagnostic: Diagnostic
}

/// Reads snapshots, and rejects a file that ``Snapshot`` would not write.
package enum SnapshotReader {
  /// The maximum size of a snapshot file: 1 GiB, in bytes.
  package static let maximumSize = 1 << 30

  /// The snapshot in the file at `path`, or on standard input for `-`.
  ///
  /// - Throws: ``InvalidSnapshot`` with the first mistake, or if the file can't be read.
  package static func read(path: String) throws(InvalidSnapshot) -> Snapshot {
    let source: YAMLSource
    do throws(UnreadableFile) {
      source = try ManifestFiles.read(file: path, limit: maximumSize)
    } catch {
      throw InvalidSnapshot(diagnostic: error.diagnostic)
    }
    return try read(source)
  }

  /// The snapshot that `source` holds.
  ///
  /// - Throws: ``InvalidSnapshot`` with the first mistake.
  package static func read(_ source: YAMLSource) throws(InvalidSnapshot) -> Snapshot {
    do throws(JSONMistake) {
      return try snapshot(source.bytes)
    } catch {
      guard let kind = InputKind(source), kind != .snapshot else {
        throw InvalidSnapshot(diagnostic: diagnostic(of: error, in: source))
      }
      throw InvalidSnapshot(
        diagnostic: kind.mistake(
          in: source.file, wanted: "a snapshot",
          from: "`virtmem observe > FILE` writes a snapshot.", rule: .notASnapshot))
    }
  }

  private static func snapshot(_ bytes: [UInt8]) throws(JSONMistake) -> Snapshot {
    let lines = lines(of: bytes)
    guard let head = lines.first else {
      throw notASnapshot("the file is empty", at: 0)
    }
    var snapshot = Snapshot(created: try created(bytes, head), hosts: [])
    guard let last = lines.last, lines.count > 1, last.upperBound < bytes.count,
      bytes[last].starts(with: Array("{\"end\":".utf8))
    else {
      throw JSONMistake(
        .document(
          .cutSnapshot, summary: "the snapshot ends before its end", remedy: observeAnew),
        at: bytes.count)
    }
    let facts = lines.dropFirst().dropLast()
    // Lines don't depend on each other, so all processors parse them at the same time.
    let parts = Array(facts).concurrentParts { lines in
      lines.map { line in Result { () throws(JSONMistake) in try entry(bytes, line) } }
    }
    var collection = SnapshotCollection()
    for (line, result) in zip(facts, parts.joined()) {
      try collection.add(try result.get(), at: line.lowerBound)
    }
    let hash = try collection.checkEnd(bytes, last)
    var found = SHA256()
    found.add(bytes.span.extracting(..<last.lowerBound))
    guard hash == found.hexadecimal() else {
      throw altered(
        "the hash is not that of the lines before, so the snapshot was changed",
        at: last.lowerBound)
    }
    snapshot.hosts = collection.hosts
    return snapshot
  }

  /// The range of each line without its newline; the last line may have no newline.
  private static func lines(of bytes: [UInt8]) -> [Range<Int>] {
    var lines: [Range<Int>] = []
    var start = 0
    for index in bytes.indices where bytes[index] == UInt8(ascii: "\n") {
      lines.append(start..<index)
      start = index + 1
    }
    if start < bytes.count { lines.append(start..<bytes.count) }
    return lines
  }

  private static func entry(
    _ bytes: [UInt8], _ line: Range<Int>
  ) throws(JSONMistake) -> SnapshotEntry {
    let text = try JSONText(bytes, in: line)
    let entry = try entry(text.root)
    try check(text, fills: line)
    return entry
  }

  /// Checks that a line has no spaces and ends with its value.
  fileprivate static func check(_ text: JSONText, fills line: Range<Int>) throws(JSONMistake) {
    if let space = text.firstSpace {
      throw JSONMistake(.notAsWritten("no space belongs here"), at: space)
    }
    guard text.root.end == line.upperBound else {
      throw JSONMistake(.notAsWritten("the line goes on where it should end"), at: text.root.end)
    }
  }

  /// The time in the head line; rejects files that are not snapshots of this format.
  private static func created(
    _ bytes: [UInt8], _ line: Range<Int>
  ) throws(JSONMistake) -> String {
    let (text, created, format) = try head(bytes, line)
    guard format.hasPrefix("virtmem/snapshot/") else {
      throw notASnapshot("this is no snapshot: \(Quotation.quoted(format))", at: line.lowerBound)
    }
    guard format == Snapshot.format else {
      throw JSONMistake(
        .document(
          .unknownSnapshotFormat,
          summary: "\(Quotation.quoted(format)) is of another version, and this one reads "
            + Snapshot.format,
          remedy: "Use the virtmem that wrote it, or observe anew."),
        at: line.lowerBound)
    }
    try check(text, fills: line)
    guard Timestamp.secondsSince1970(created) != nil else {
      throw text.root.invalid("\(Quotation.quoted(created)) is no point in time")
    }
    return created
  }

  private static func head(
    _ bytes: [UInt8], _ line: Range<Int>
  ) throws(JSONMistake) -> (text: JSONText, created: String, format: String) {
    do throws(JSONMistake) {
      let text = try JSONText(bytes, in: line)
      var members = try text.root.members()
      let created = try members.require("created").string()
      let format = try members.require("format").string()
      try members.finish()
      return (text, created, format)
    } catch {
      throw notASnapshot("this is no snapshot", at: error.offset)
    }
  }

  private static func notASnapshot(_ summary: String, at offset: Int) -> JSONMistake {
    JSONMistake(
      .document(
        .notASnapshot, summary: summary, remedy: "Name a file that virtmem observe has written."),
      at: offset)
  }
}

/// The content of one line of a snapshot.
enum SnapshotEntry: Sendable {
  case host(Snapshot.Host)
  case domain(ObservedDomain, host: String)
  case unreadable(UnreadableDomain, host: String)
}

/// Collects the entries of all lines into hosts with their domains.
private struct SnapshotCollection {
  private(set) var hosts: [Snapshot.Host] = []
  private var indices: [String: Int] = [:]
  private var domains: [[ObservedDomain]] = []
  private var unreadable: [[UnreadableDomain]] = []
  private var domainCount: UInt64 = 0
  private var unreadableCount: UInt64 = 0

  mutating func add(_ entry: SnapshotEntry, at offset: Int) throws(JSONMistake) {
    switch entry {
    case .host(let host):
      guard indices.updateValue(hosts.count, forKey: host.name) == nil else {
        throw mistake("the host is there twice", offset)
      }
      hosts.append(host)
      domains.append([])
      unreadable.append([])
    case .domain(let domain, let host):
      domains[try index(of: host, offset)].append(domain)
      domainCount += 1
    case .unreadable(let domain, let host):
      unreadable[try index(of: host, offset)].append(domain)
      unreadableCount += 1
    }
  }

  private func index(of host: String, _ offset: Int) throws(JSONMistake) -> Int {
    guard let index = indices[host], case .observed = hosts[index].observation else {
      throw mistake(
        "no host before it that was observed is named \(Quotation.quoted(host))", offset)
    }
    return index
  }

  private func mistake(_ summary: String, _ offset: Int) -> JSONMistake {
    JSONMistake(.invalidValue(summary), at: offset)
  }

  /// Checks the counts in the end line, gives the hosts their domains, and returns the hash in the
  /// line.
  mutating func checkEnd(_ bytes: [UInt8], _ line: Range<Int>) throws(JSONMistake) -> String {
    let text = try JSONText(bytes, in: line)
    var members = try text.root.members()
    var end = try members.require("end").members()
    try check(try end.require("domains").integer(), domainCount, line)
    try check(try end.require("hosts").integer(), UInt64(hosts.count), line)
    let hash = try end.require("sha256").string()
    try check(try end.require("unreadable").integer(), unreadableCount, line)
    try end.finish()
    try members.finish()
    try SnapshotReader.check(text, fills: line)
    for index in hosts.indices {
      guard case .observed(var observed) = hosts[index].observation else { continue }
      observed.domains = domains[index]
      observed.unreadable = unreadable[index]
      hosts[index].observation = .observed(observed)
    }
    return hash
  }

  private func check(
    _ count: UInt64, _ found: UInt64, _ line: Range<Int>
  ) throws(JSONMistake) {
    guard count != found else { return }
    throw SnapshotReader.altered(
      "lines are missing or were added: \(count) are counted, and \(found) are there",
      at: line.lowerBound)
  }
}
