// SPDX-License-Identifier: Apache-2.0

import YAML
import Documents
import MemoryModel
import TestSupport
import Testing

@Suite struct ManifestFilesTests {
  private let temporary = TemporaryFolder()
  private var root: String { temporary.path }

  private func files(_ paths: [String]) -> [String] {
    ManifestFiles.read(paths: paths).sources.map { String($0.file.dropFirst(root.count)) }
  }

  private func problems(_ paths: [String]) -> [String] {
    ManifestFiles.read(paths: paths).diagnostics.map(\.summary)
  }

  @Test("the reader reads every visible manifest below a folder, in the order of their names")
  func folders() {
    temporary.folder("b")
    temporary.folder("b/.git")
    temporary.folder("c.yaml")
    for name in ["z.yml", "a.yaml", "b/x.yaml", "b/.git/h.yaml", ".h.yaml", "note.txt", "B.yaml"] {
      temporary.file(name)
    }
    #expect(files([root]) == ["/B.yaml", "/a.yaml", "/b/x.yaml", "/z.yml"])
    #expect(files(["\(root)/"]) == ["/B.yaml", "/a.yaml", "/b/x.yaml", "/z.yml"])
    #expect(files(["\(root)/note.txt", "\(root)/b"]) == ["/note.txt", "/b/x.yaml"])
  }

  @Test("the reader follows links to files, not to folders, and reads each file once")
  func links() {
    temporary.folder("b")
    temporary.file("a.txt")
    temporary.link("b/link.yaml", to: "../a.txt")
    temporary.link("b/twice.yaml", to: "link.yaml")
    temporary.link("b/up.yaml", to: "..")
    temporary.link("b/up", to: "..")
    #expect(files([root, "\(root)/b/link.yaml"]) == ["/b/link.yaml"])
    #expect(problems([root]) == [])
  }

  @Test("a link that leads out of the folder that was named is a mistake, and is not read")
  func linksOut() {
    for folder in ["fleet", "fleet/deep", "fleet-b"] { temporary.folder(folder) }
    for file in ["out.yaml", "fleet/note.txt", "fleet-b/near.txt"] { temporary.file(file) }
    temporary.link("fleet/a.yaml", to: "/proc/self/environ")
    temporary.link("fleet/b.yaml", to: "../fleet-b/near.txt")
    temporary.link("fleet/c.yaml", to: "deep/on.yaml")
    temporary.link("fleet/deep/on.yaml", to: "../../out.yaml")
    temporary.link("fleet/deep/in.yaml", to: "../note.txt")
    temporary.link("folder", to: "fleet")
    for folder in ["\(root)/fleet", "\(root)/folder", "\(root)/fleet/"] {
      let (sources, diagnostics) = ManifestFiles.read(paths: [folder])
      #expect(sources.map { $0.file.hasSuffix("/deep/in.yaml") } == [true])
      #expect(diagnostics.map(\.rule) == Array(repeating: "link-leads-out", count: 4))
      #expect(diagnostics.allSatisfy { $0.severity == .error })
    }
    // What the user names is read, wherever it leads.
    #expect(files(["\(root)/fleet/deep/on.yaml"]) == ["/fleet/deep/on.yaml"])
    #expect(files(["\(root)/fleet/b.yaml", root]).first == "/fleet/b.yaml")
  }

  @Test("no line is shown of a file with U+0000, which is no manifest")
  func binary() {
    for text in ["TOKEN=MARK\0SHELL=/bin/sh", "a: MARK\n---\n\0", "a\0b\0"] {
      temporary.file("environ", text)
      let (_, diagnostics) = ManifestReader.read(paths: ["\(root)/environ"])
      #expect(!diagnostics.isEmpty)
      #expect(diagnostics.allSatisfy { $0.sourceLine == nil })
      #expect(!diagnostics.contains { "\($0)".contains("MARK") })
    }
  }

  @Test("the reader reports what it can't read and never waits for a pipe or device")
  func unreadable() {
    temporary.folder("empty")
    temporary.folder("pipes")
    temporary.pipe("pipes/p.yaml")
    temporary.link("pipes/q.yaml", to: "nowhere")
    #expect(problems(["\(root)/none"]).map { $0.hasSuffix("No such file or directory") } == [true])
    #expect(problems(["\(root)/empty"]).map { $0.hasSuffix("holds no manifests") } == [true])
    #expect(problems(["/dev/zero"]) == ["can't read '/dev/zero': it is no regular file"])
    #expect(problems(["\(root)/pipes"]).count == 2)
    let (_, diagnostics) = ManifestReader.read(paths: ["\(root)/none", "\(root)/empty"])
    #expect(diagnostics.map(\.rule) == ["unreadable-file", "no-manifests"])
  }

  @Test("the reader refuses a file of more than 32 MiB without reading it")
  func tooLarge() {
    temporary.file("big.yaml", size: 100 << 20)
    #expect(problems([root]).map { $0.hasSuffix("it has more than 32 MiB") } == [true])
  }

  @Test("the reader doesn't call a Profile unknown if a missing file may declare it")
  func missingFile() {
    temporary.file("a.yaml", document("Domain", "a", spec: "profiles: [web]"))
    let rules = ManifestReader.read(paths: ["\(root)/none", root]).diagnostics.map(\.rule)
    #expect(rules == ["unreadable-file"])
  }
}
