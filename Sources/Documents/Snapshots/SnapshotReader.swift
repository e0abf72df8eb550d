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
    do throws(SnapshotMistake) {
      return try snapshot(source.bytes)
    } catch {
      throw invalid(error, source)
    }
  }

  private static func snapshot(_ bytes: [UInt8]) throws(SnapshotMistake) -> Snapshot {
    let lines = lines(of: bytes)
    guard let head = lines.first else {
      throw SnapshotMistake(
        rule: .notASnapshot, offset: 0, summary: "the file is empty",
        remedy: SnapshotMistake.otherFile)
    }
    var snapshot = Snapshot(created: try created(bytes, head), hosts: [])
    guard let last = lines.last, lines.count > 1, last.upperBound < bytes.count,
      bytes[last].starts(with: Array("{\"end\":".utf8))
    else {
      throw SnapshotMistake(
        rule: .cutSnapshot, offset: bytes.count, summary: "the snapshot ends before its end")
    }
    let facts = lines.dropFirst().dropLast()
    // Lines don't depend on each other, so all processors parse them at the same time.
    let parts = Array(facts).concurrentParts { lines in
      lines.map { line in Result { () throws(SnapshotMistake) in try entry(bytes, line) } }
    }
    var collection = SnapshotCollection()
    for (line, result) in zip(facts, parts.joined()) {
      try collection.add(try result.get(), at: line.lowerBound)
    }
    let hash = try collection.checkEnd(bytes, last)
    var found = SHA256()
    found.add(bytes.span.extracting(..<last.lowerBound))
    guard hash == found.hexadecimal() else {
      throw SnapshotMistake(
        rule: .alteredSnapshot, offset: last.lowerBound,
        summary: "the hash is not that of the lines before, so the snapshot was changed")
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
  ) throws(SnapshotMistake) -> SnapshotEntry {
    var cursor = SnapshotCursor(bytes, line)
    let entry = try cursor.entry()
    try cursor.finish()
    return entry
  }

  /// The time in the head line; rejects files that are not snapshots of this format.
  private static func created(
    _ bytes: [UInt8], _ line: Range<Int>
  ) throws(SnapshotMistake) -> String {
    var cursor = SnapshotCursor(bytes, line)
    let head: (created: String, format: String)
    do throws(SnapshotMistake) {
      head = try cursor.object { (cursor) throws(SnapshotMistake) in
        try cursor.require("created")
        let created = try cursor.string()
        try cursor.require("format")
        return (created, try cursor.string())
      }
    } catch {
      throw SnapshotMistake(
        rule: .notASnapshot, offset: error.offset, summary: "this is no snapshot",
        remedy: SnapshotMistake.otherFile)
    }
    guard head.format.hasPrefix("virtmem/snapshot/") else {
      throw SnapshotMistake(
        rule: .notASnapshot, offset: line.lowerBound,
        summary: "this is no snapshot: \(Quotation.quoted(head.format))",
        remedy: SnapshotMistake.otherFile)
    }
    guard head.format == Snapshot.format else {
      throw SnapshotMistake(
        rule: .unknownSnapshotFormat, offset: line.lowerBound,
        summary: "\(Quotation.quoted(head.format)) is of another version, and this one reads "
          + Snapshot.format,
        remedy: "Use the virtmem that wrote it, or observe anew.")
    }
    try cursor.finish()
    guard Timestamp.secondsSince1970(head.created) != nil else {
      throw SnapshotMistake(
        rule: .invalidSnapshot, offset: line.lowerBound,
        summary: "\(Quotation.quoted(head.created)) is no point in time")
    }
    return head.created
  }

  private static func invalid(_ mistake: SnapshotMistake, _ source: YAMLSource) -> InvalidSnapshot {
    let before = source.bytes[..<min(mistake.offset, source.bytes.count)]
    let line = before.count { $0 == UInt8(ascii: "\n") } + 1
    let start = before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
    let column = String(decoding: before[start...], as: UTF8.self).unicodeScalars.count + 1
    return InvalidSnapshot(
      diagnostic: Diagnostic(
        .error, rule: mistake.rule, summary: mistake.summary, detail: mistake.detail,
        remedy: mistake.remedy,
        source: SourcePosition(file: source.file, line: line, column: column)))
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

  mutating func add(_ entry: SnapshotEntry, at offset: Int) throws(SnapshotMistake) {
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

  private func index(of host: String, _ offset: Int) throws(SnapshotMistake) -> Int {
    guard let index = indices[host], case .observed = hosts[index].observation else {
      throw mistake(
        "no host before it that was observed is named \(Quotation.quoted(host))", offset)
    }
    return index
  }

  private func mistake(_ summary: String, _ offset: Int) -> SnapshotMistake {
    SnapshotMistake(rule: .invalidSnapshot, offset: offset, summary: summary)
  }

  /// Checks the counts in the end line, gives the hosts their domains, and returns the hash in the
  /// line.
  mutating func checkEnd(_ bytes: [UInt8], _ line: Range<Int>) throws(SnapshotMistake) -> String {
    var cursor = SnapshotCursor(bytes, line)
    let hash = try cursor.object { (cursor) throws(SnapshotMistake) in
      try cursor.require("end")
      return try cursor.object { (cursor) throws(SnapshotMistake) in
        try cursor.require("domains")
        try check(try cursor.integer(), domainCount, line)
        try cursor.require("hosts")
        try check(try cursor.integer(), UInt64(hosts.count), line)
        try cursor.require("sha256")
        let hash = try cursor.string()
        try cursor.require("unreadable")
        try check(try cursor.integer(), unreadableCount, line)
        return hash
      }
    }
    try cursor.finish()
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
  ) throws(SnapshotMistake) {
    guard count != found else { return }
    throw SnapshotMistake(
      rule: .alteredSnapshot, offset: line.lowerBound,
      summary: "lines are missing or were added: \(count) are counted, and \(found) are there")
  }
}
