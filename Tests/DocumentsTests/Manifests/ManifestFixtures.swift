// SPDX-License-Identifier: Apache-2.0

import YAML
import Documents
import MemoryModel
import TestSupport

/// The result of reading one file called `a.yaml`.
func read(_ text: String) -> (state: DesiredState, diagnostics: [Diagnostic]) {
  ManifestReader.read(sources: [YAMLSource(file: "a.yaml", text: text)])
}

/// The mistakes of one file, each as `line:column rule`.
func places(_ text: String) -> [String] {
  read(text).diagnostics.map(place)
}

/// A document whose `spec`, if it has one, begins in line 5 and column 3.
func document(_ kind: String, _ name: String, spec: String = "") -> String {
  let head = ["apiVersion: virtmem.io/v1alpha1", "kind: \(kind)", "metadata: {name: \(name)}"]
  let body = spec.split(separator: "\n").map { "  \($0)" }
  let lines = body.isEmpty ? head : head + ["spec:"] + body
  return (lines + ["---", ""]).joined(separator: "\n")
}
