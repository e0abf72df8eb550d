// SPDX-License-Identifier: Apache-2.0

internal import MemoryModel
package import Report

/// The findings of a run as GitLab's report of code quality.
package enum GitLabQualityDocument {
  /// GitLab shows at most so many findings of a report.
  private static let limit = 5_000

  /// The document.
  package static func bytes(of report: RunReport) -> [UInt8] {
    let findings = report.findings.prefix(limit)
    var json = JSONWriter(capacity: 512 * (findings.count + 1))
    json.array(findings) { json, finding in
      let lines = ([finding.title] + report.lines(of: finding)).map(\.description)
      // Findings that standard input caused have no file.
      let path = finding.place.flatMap { report.root.path(of: $0.file)?.text } ?? "-"
      json.object {
        $0.member("check_name", finding.rule.name)
        $0.member("description", lines.map(sentence).joined(separator: " "))
        $0.member("fingerprint", finding.fingerprint(in: report))
        $0.key("location")
        $0.object {
          $0.key("lines")
          $0.object { $0.member("begin", finding.place?.line ?? 1) }
          $0.member("path", path)
        }
        $0.member("severity", severity(of: finding))
      }
    }
    return json.finished()
  }

  /// A line with a full stop, unless it has one.
  private static func sentence(_ line: String) -> String {
    line.hasSuffix(".") || line.hasSuffix("?") ? line : "\(line)."
  }

  private static func severity(of finding: Finding) -> String {
    switch (finding.kind, finding.severity) {
    case (.failure, .error), (.mistake, _): "critical"
    case (_, .error): "major"
    case (_, .warning): "minor"
    case (_, .note): "info"
    }
  }
}

/// The numbers of changes that GitLab shows for a Terraform plan.
package enum GitLabTerraformDocument {
  /// The document; all numbers are 0 for a run that planned nothing.
  package static func bytes(of report: RunReport) -> [UInt8] {
    let changes = PlannedChanges(of: report)
    var json = JSONWriter()
    json.object {
      $0.member("create", changes.created)
      $0.member("delete", changes.deleted)
      $0.member("update", changes.updated)
    }
    return json.finished()
  }
}
