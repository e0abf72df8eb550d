// SPDX-License-Identifier: Apache-2.0

import Documents
import MemoryModel
import YAML
import Testing

/// A file that is given where a command takes another kind of input.
@Suite struct InputKindTests {
  private static let manifest = document("Domain", "web", spec: "memory: 1GiB")

  @Test(
    "a document that is no manifest is one error, which says what it is and what to do",
    arguments: [
      ("kustomization.yaml", "resources: [web.yaml]\nnamespace: x\n", "kustomization", "kustomize"),
      ("kustomization.yml", "metadata: {name: x}\nmemory: 1\n", "kustomization", "kustomize"),
      (
        "Kustomization", "patches:\n- patch: |\n    apiVersion: virtmem.io/v1alpha1\n", "kustom",
        "-"
      ),
      ("k.yaml", "apiVersion: kustomize.config.k8s.io/v1\nkind: K\n", "kustomization", "kustomize"),
      ("values.yaml", "memory: 8GiB\nspec: {a: b}\n", "values for a Helm chart", "helm template"),
      ("Chart.yaml", "apiVersion: v2\nname: x\n", "part of a Helm chart", "helm template"),
      ("web.yaml", "name: {{ .Values.x }}\n{{- end }}\na: {{ b }\n", "Helm chart", "helm template"),
      ("web.yaml", "<domain type='kvm'>\n<name>web</name>\n</domain>\n", "XML", "--persistent-xml"),
      (
        "s.jsonl", "{\"created\":\"x\",\"format\":\"virtmem/snapshot/v1alpha1\"}\n{\"host\":1}\n",
        "a snapshot", "--observed s.jsonl"
      ),
      ("p.json", "{\"format\":\"virtmem/plan/v1alpha1\"}", "a saved plan", "apply --plan p.json"),
      ("p.yaml", "format: virtmem/plan/v1alpha1\n", "a saved plan", "virtmem show p.yaml"),
      ("a.log", "{\"format\": \"virtmem/audit/v1alpha1\"}\n{}\n", "output of virtmem", "reading"),
      ("c.yaml", "apiVersion: v1\nkind: Pod\nmetadata: {nme: x}\nspec: {}\n", "('Pod')", "Leave"),
      ("c.yaml", "kind: Pod\nmetadata: {nme: x}\nspec: {}\n", "('Pod')", "Leave"),
      ("c.yaml", "replicas: 3\n", "a document of another tool", "Leave"),
      ("c.yaml", "metadata: {nme: x}\nmemory: 1\n", "apiVersion and kind are missing", "Begin"),
      ("c.yaml", "apiVersion: virtmem.io/v2\nkind: D\nspc: 1\n", "unknown apiVersion", "Write"),
      (
        "c.yaml", "apiVersion: virtmem.io/v1alpha1\nkind: Domian\nspc: {memroy: 1}\n",
        "unknown kind", "Write kind: Domain"
      ),
    ])
  func foreign(file: String, text: String, summary: String, remedy: String) throws {
    let sources = [
      YAMLSource(file: file, text: text), YAMLSource(file: "ok.yaml", text: Self.manifest),
    ]
    let mistakes = ManifestReader.read(sources: sources).diagnostics
    let mistake = try #require(mistakes.first)
    #expect(mistakes.count == 1, "\(mistakes.map(\.summary))")
    #expect(mistake.summary.contains(summary) && mistake.remedy.contains(remedy))
  }

  @Test("a manifest in a file of kustomize's or Helm's name is a manifest")
  func named() {
    for file in ["kustomization.yaml", "values.yaml"] {
      let sources = [YAMLSource(file: file, text: Self.manifest)]
      #expect(ManifestReader.read(sources: sources).diagnostics.isEmpty)
    }
  }

  @Test("no line of XML is shown, because XML has passwords")
  func secret() {
    let sources = [YAMLSource(file: "a", text: "<graphics passwd='geheim'/>")]
    #expect(ManifestReader.read(sources: sources).diagnostics.map(\.sourceLine) == [nil])
  }

  @Test("another file in the place of a plan or a snapshot is named")
  func elsewhere() {
    let source = YAMLSource(file: "web.yaml", text: Self.manifest)
    #expect(throws: InvalidPlan.self) { try PlanReader.read(source, knowing: []) }
    #expect(throws: InvalidSnapshot.self) { try SnapshotReader.read(source) }
    do {
      _ = try SnapshotReader.read(source)
    } catch {
      #expect(error.diagnostic.summary == "this is a manifest, not a snapshot")
      #expect(error.diagnostic.remedy.contains("`virtmem observe > FILE`"))
    }
  }
}
