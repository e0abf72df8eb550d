// SPDX-License-Identifier: Apache-2.0

import YAML
import Platform
import Documents
import Glibc
import MemoryModel
import Testing

@Suite struct ManifestWriterTests {
  static let names = [
    "web-01", "a: b", "# c", "\"", "\\", "/", "'", "- x", "{", "]", "&a", "*a", "!!str", "%",
    "null", "~", "true", "no", "12", "1_000", "0x1F", "1e3", "2026-01-01", ".inf", "---", "...",
    "ä", "e\u{301}", "日本語", "👩‍👩‍👧", " lead", "trail ", "a\u{2028}b", "\u{FEFF}", "\u{FFFF}", "a  b",
    "unmanaged", "x: {y: [", "@", "`", "|", "?", "##[x", "::x", "a\u{202E}b", ":", "web/01", "6e12",
    "=", "\u{E000}", "\u{180E}\u{E0041}\u{1D173}", "\\U000e0041",
  ]

  @Test("every name that a manifest can hold is read back unchanged", arguments: names)
  func roundTrip(name: String) {
    let domain = ExportedDomain(
      name: name,
      remarks: [ExportedDomain.Remark(FieldPath(.device, name), "is \(name)\n\u{0}")])
    let text = ManifestWriter.text(of: domain, origin: name + "\n")
    let (state, diagnostics) = ManifestReader.read(sources: [YAMLSource(file: "x", text: text)])
    #expect(diagnostics.isEmpty, "\(text)")
    #expect(state.domains.map(\.name) == [name])
  }

  @Test(
    "the writer writes only a comment for a name that no manifest can hold",
    arguments: ["", "a\nb", "\u{85}", "<<", ">"])
  func unwritable(name: String) {
    #expect(!ManifestWriter.canName(name))
    let text = ManifestWriter.text(of: ExportedDomain(name: name), origin: "here")
    #expect(text.hasPrefix("#") && text.hasSuffix("\n") && text.split(separator: "\n").count == 1)
  }

  @Test("the writer gives files safe and distinct names")
  func files() {
    let names =
      Self.names + [".", "..", "-rf", "WEB-01", "Web-01", String(repeating: "x", count: 400)]
    let safe = ManifestFolder.safeNames(names)
    #expect(safe.count == names.count)
    #expect(Set(safe.values.map { $0.lowercased() }).count == names.count)
    for file in safe.values {
      #expect(!file.contains("/") && !file.hasPrefix(".") && !file.hasPrefix("-"))
      #expect(file.utf8.count < 230 && file.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F })
    }
    #expect(safe["web-01"]?.hasPrefix("web-01") == true && safe[".."] == "%2E.")
    #expect(ManifestFolder.safeNames(["db.1"]) == ["db.1": "db.1"])
  }

  @Test("the writer doesn't follow links")
  func links() throws {
    let folder = TemporaryFolder()
    folder.folder("outside")
    folder.file("outside/web.yaml", "old\n")
    folder.folder("out")
    folder.link("out/hv01", to: "\(folder.path)/outside")
    let manifests = try ManifestFolder("\(folder.path)/out")
    #expect(throws: FileError.self) {
      _ = try manifests.write("new\n", host: "hv01", name: "web")
    }
    folder.folder("out/hv02")
    folder.link("out/hv02/web.yaml", to: "\(folder.path)/outside/web.yaml")
    let file = try manifests.write("new\n", host: "hv02", name: "web")
    #expect(file == "\(folder.path)/out/hv02/web.yaml")
    #expect(try ManifestFiles.read(file: file).bytes == Array("new\n".utf8))
    let outside = try ManifestFiles.read(file: "\(folder.path)/outside/web.yaml")
    #expect(outside.bytes == Array("old\n".utf8))
  }
}
