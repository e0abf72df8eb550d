// SPDX-License-Identifier: Apache-2.0

internal import Basics
internal import MemoryModel
package import Report

/// The findings of a run as SARIF 2.1.0, for code scanning.
package enum SARIFDocument {
  /// GitHub takes 25,000 results of a run and shows 5,000.
  private static let limit = 5_000

  /// The document; `version` is virtmem's.
  package static func bytes(of report: RunReport, version: String) -> [UInt8] {
    let findings = report.findings
    let shown = Array(findings.prefix(limit))
    var rules: [Rule] = []
    var indices: [Rule: Int] = [:]
    for finding in shown where indices[finding.rule] == nil {
      indices[finding.rule] = rules.count
      rules.append(finding.rule)
    }
    let levels = Dictionary(shown.map { ($0.rule, level(of: $0)) }) { first, _ in first }
    var json = JSONWriter(capacity: 1024 * (shown.count + rules.count + 1))
    json.object {
      $0.member("$schema", "https://json.schemastore.org/sarif-2.1.0.json")
      $0.key("runs")
      $0.array([report]) { json, report in
        json.object {
          $0.key("automationDetails")
          $0.object { $0.member("id", report.analysis) }
          $0.member("columnKind", "unicodeCodePoints")
          $0.key("invocations")
          $0.array([findings.count - shown.count]) { json, dropped in
            json.invocation(of: report, dropped: dropped)
          }
          $0.key("results")
          $0.array(shown) { json, finding in
            json.result(finding, of: report, level(of: finding), rule: indices[finding.rule] ?? 0)
          }
          $0.key("tool")
          $0.object {
            $0.key("driver")
            $0.object {
              $0.member("name", "virtmem")
              $0.key("rules")
              $0.array(rules) { $0.rule($1, level: levels[$1] ?? "warning") }
              $0.member("version", version)
            }
          }
        }
      }
      $0.member("version", "2.1.0")
    }
    return json.finished()
  }

  private static func level(of finding: Finding) -> String {
    switch finding.severity {
    case .error: "error"
    case .warning: "warning"
    case .note: "note"
    }
  }
}

extension JSONWriter {
  fileprivate mutating func invocation(of report: RunReport, dropped: Int) {
    object {
      $0.member("endTimeUtc", report.time)
      // A run that found something to report has done its work.
      $0.key("executionSuccessful")
      $0.boolean([0, 2, 3, 5].contains(report.status))
      $0.member("exitCode", report.status)
      guard dropped > 0 else { return }
      $0.key("toolExecutionNotifications")
      $0.array([dropped]) { json, dropped in
        json.object {
          $0.member("level", "warning")
          $0.key("message")
          $0.text("\(dropped) more results are left out; the worst ones are here.")
        }
      }
    }
  }

  fileprivate mutating func rule(_ rule: Rule, level: String) {
    let summary = rule.summary.isEmpty ? rule.name : rule.summary
    let fact = rule.fact.isEmpty ? summary : rule.fact
    let help = rule.remedy.isEmpty ? "Each message says how to mend it." : rule.remedy
    object {
      $0.key("defaultConfiguration")
      $0.object { $0.member("level", level) }
      $0.key("fullDescription")
      $0.text(fact)
      $0.key("help")
      $0.object {
        $0.member("markdown", "\(fact)\n\n\(help)\n\n`virtmem explain \(rule.name)`")
        $0.member("text", "\(fact)\n\(help)")
      }
      $0.member("id", rule.name)
      $0.key("shortDescription")
      $0.text(summary)
    }
  }

  fileprivate mutating func result(
    _ finding: Finding, of report: RunReport, _ level: String, rule: Int
  ) {
    let text = report.lines(of: finding).map(\.description).joined(separator: "\n")
    object {
      $0.member("level", level)
      $0.key("locations")
      $0.array([finding.place].compactMap(\.self)) { json, place in
        guard let path = report.root.path(of: place.file) else { return }
        json.location(place, path)
      }
      $0.key("message")
      $0.text(text.isEmpty ? finding.rule.name : text)
      $0.key("partialFingerprints")
      $0.object { $0.member("virtmem/v1", finding.fingerprint(in: report)) }
      $0.member("ruleId", finding.rule.name)
      $0.member("ruleIndex", rule)
    }
  }

  private mutating func location(_ place: SourcePosition, _ path: SourceRoot.Path) {
    object {
      $0.key("physicalLocation")
      $0.object {
        $0.key("artifactLocation")
        $0.object {
          let uri = Self.uri(path.text)
          $0.member("uri", path.isBelowRoot ? uri : "file://\(uri)")
          if path.isBelowRoot { $0.member("uriBaseId", "%SRCROOT%") }
        }
        $0.key("region")
        $0.object {
          $0.member("startColumn", place.column)
          $0.member("startLine", place.line)
        }
      }
    }
  }

  /// A path as a URI: all but letters, digits and a few marks are encoded.
  private static func uri(_ path: String) -> String {
    let digits = Array("0123456789ABCDEF".utf8)
    let bytes = path.utf8.flatMap { byte in
      let isPlain =
        UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte
        || UInt8(ascii: "A")...UInt8(ascii: "Z") ~= byte
        || UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte || "-._~/".utf8.contains(byte)
      return isPlain
        ? [byte] : [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Writes an object with a text.
  private mutating func text(_ text: String) {
    object { $0.member("text", text) }
  }
}

extension Finding {
  /// What identifies the finding between runs: its rule, its file and its line.
  ///
  /// No two findings of a run have the same rule, severity and place.
  func fingerprint(in report: RunReport) -> String {
    let path = place.flatMap { report.root.path(of: $0.file)?.text } ?? ""
    let place = place.map { "\($0.line):\($0.column)" } ?? ""
    let text = "\(report.command)\n\(rule)\n\(severity.rawValue)\n\(path)\n\(place)"
    return SHA256.hexadecimal(of: Array(text.utf8))
  }
}
