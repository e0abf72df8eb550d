// SPDX-License-Identifier: Apache-2.0

import Foundation
import MemoryModel
import TestSupport
import Testing

@testable import Commands

/// When the reports of a run are written, and what they say of the run.
@Suite("formats of reports in process") struct ReportFormatTests {
  private static func options(_ scene: Scene) -> [String] {
    Format.ofReports.flatMap { ["--report", "\($0.rawValue)=\(scene.path($0.rawValue))"] }
  }

  @Test(
    "each report has the bytes that --format prints, and the text stays",
    arguments: ["validate", "plan", "drift", "apply"])
  func same(command: String) async throws {
    let approval = command == "apply" ? ["--auto-approve"] : []
    let scene = try Scene(.web)
    let manifest = try scene.manifest(Manifest.change)
    let text = await scene.run(command, manifest, with: approval + Self.options(scene))
    #expect(!text.output.isEmpty)
    for format in Format.ofReports {
      let other = try Scene(.web)
      // The same file: paths stand in reports.
      let printed = await other.run(
        command, manifest, with: approval + ["--format", format.rawValue])
      #expect(try scene.text(of: format.rawValue) == printed.output, "\(format)")
      #expect(printed.status == text.status)
    }
  }

  @Test("an apply that is not approved writes its reports, with all steps skipped")
  func refused() async throws {
    let scene = try Scene(.web)
    (scene.isTerminal, scene.answer) = (true, "no")
    let manifest = try scene.manifest(Manifest.change)
    let outcome = await scene.run("apply", manifest, with: Self.options(scene))
    #expect(outcome.status == 2)
    let json = try scene.text(of: "json")
    #expect(json.contains(#""kind":"apply""#) && json.contains(#""status":"skipped""#))
    #expect(!json.contains(#""status":"done""#))
    for format in Format.ofReports {
      #expect(!(try scene.text(of: format.rawValue)).isEmpty, "\(format)")
    }
    #expect(try scene.text(of: "prometheus").contains("virtmem_last_run_status{run=\"apply\"} 2"))
    let again = await scene.run("apply", manifest, "--format", "json")
    #expect(again.status == 2 && again.output == json)
  }

  @Test("show prints the reports of the run that saved a document", arguments: ["plan", "drift"])
  func show(command: String) async throws {
    let scene = try Scene(.web)
    let manifest = try scene.manifest(Manifest.change)
    _ = await scene.run(command, manifest, with: Self.options(scene))
    scene.timestamp = "2026-11-29T12:00:00Z"
    for format in Format.ofReports where format != .prometheus {
      let shown = await scene.run("show", scene.path("json"), "--format", format.rawValue)
      #expect(try shown.output == scene.text(of: format.rawValue), "\(format)")
    }
    // No document says how long its run took.
    let shown = await scene.run("show", scene.path("json"), "--format", "prometheus")
    #expect(shown.output.contains("virtmem_last_run_timestamp_seconds{run=\"\(command)\"} "))
    #expect(!shown.output.contains("last_run_duration_seconds"))
  }

  @Test("reports are written where a run fails, and have its status")
  func failed() async throws {
    var faults = SimulatedHypervisor.Faults()
    faults.failing[1] = HypervisorError(
      .refused, call: "virDomainSetMemoryFlags", message: "no balloon")
    let scene = try Scene(.web, faults: faults)
    let outcome = await scene.run(
      "apply", try scene.manifest(Manifest.change), "--auto-approve", with: Self.options(scene))
    #expect(outcome.status == 1)
    #expect(try scene.text(of: "prometheus").contains("last_run_status{run=\"apply\"} 1\n"))
    #expect(try scene.text(of: "junit").contains("type=\"call-refused\""))
    #expect(try scene.text(of: "sarif").contains("\"executionSuccessful\":false"))
    #expect(try scene.text(of: "markdown").contains("**virtmem apply: failed.**"))
  }

  @Test("reports have the status that --tolerate leaves")
  func tolerated() async throws {
    let scene = try Scene(.web)
    let outcome = await scene.run(
      "plan", try scene.manifest(Manifest.blocked), "--tolerate", "blocked",
      with: Self.options(scene))
    #expect(outcome.status == 0)
    #expect(try scene.text(of: "prometheus").contains("last_run_status{run=\"plan\"} 0\n"))
  }

  @Test("input that does not fit the run is in the reports too")
  func unfit() async throws {
    let scene = try Scene(.web)
    let manifest = try scene.manifest(Manifest.change)
    _ = await scene.run("drift", manifest, "--out", scene.path("drift"))
    let outcome = await scene.run(
      "apply", "--plan", scene.path("drift"), "--auto-approve", with: Self.options(scene))
    #expect(outcome.status == 65)
    #expect(outcome.errors.contains("is the report of virtmem drift"))
    #expect(try scene.text(of: "prometheus").contains("last_run_status{run=\"apply\"} 65\n"))
    for format in ["json", "junit", "sarif", "github", "gitlab", "markdown", "html"] {
      #expect(try scene.text(of: format).contains("invalid-input"), "\(format)")
    }
  }

  @Test("after wrong usage no report is written", arguments: ["--run-name=", "--run-name=a\tb"])
  func usage(option: String) async throws {
    let scene = try Scene(.web)
    let outcome = await scene.run(
      "plan", try scene.manifest(Manifest.change), option, with: Self.options(scene))
    #expect(outcome.status == 64)
    #expect(!FileManager.default.fileExists(atPath: scene.path("prometheus")))
  }

  @Test("--run-name is the label of the metrics and a part of the marker")
  func runName() async throws {
    let scene = try Scene(.web)
    _ = await scene.run(
      "drift", try scene.manifest(Manifest.change), "--run-name", "nightly",
      with: Self.options(scene))
    #expect(try scene.text(of: "prometheus").contains("last_run_status{run=\"nightly\"} 2\n"))
    #expect(try scene.text(of: "markdown").hasPrefix("<!-- virtmem:drift:nightly -->\n"))
  }

  @Test("paths are relative to the folder of the CI job, where there is no work tree")
  func job() async throws {
    let scene = try Scene(.web)
    let manifest = try scene.manifest(Manifest.blocked)
    scene.variables["CI_PROJECT_DIR"] = scene.path("")
    let outcome = await scene.run("plan", manifest, "--format", "github")
    #expect(outcome.output.hasPrefix("::error file=fleet.yaml,line="))
  }
}
