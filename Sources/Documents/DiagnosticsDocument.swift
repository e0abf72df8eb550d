// SPDX-License-Identifier: Apache-2.0
package import MemoryModel

/// The JSON document that `validate --format json` prints.
package enum DiagnosticsDocument {
  /// The document with `diagnostics` in the given order, and a newline at the end.
  package static func bytes(of diagnostics: [Diagnostic]) -> [UInt8] {
    var json = JSONWriter()
    json.object {
      $0.member("diagnostics", diagnostics)
      $0.member("format", "virtmem/diagnostics/v1alpha1")
    }
    return json.finished()
  }
}
