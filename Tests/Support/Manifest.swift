// SPDX-License-Identifier: Apache-2.0

/// Makes manifests for tests; `spec` is one line in YAML's flow style.
package enum Manifest {
  package static func domain(_ name: String, _ spec: String, labels: String = "") -> String {
    document("Domain", name, spec, labels)
  }

  package static func host(
    _ name: String, _ uri: String, _ more: String = "", labels: String = ""
  ) -> String {
    document("Host", name, "uri: '\(uri)'\(more.isEmpty ? "" : ", \(more)")", labels)
  }

  package static func profile(_ name: String, _ spec: String) -> String {
    document("Profile", name, spec, "")
  }

  private static func document(
    _ kind: String, _ name: String, _ spec: String, _ labels: String
  ) -> String {
    """
    ---
    apiVersion: virtmem.io/v1alpha1
    kind: \(kind)
    metadata: {name: "\(name)", labels: {\(labels)}}
    spec: {\(spec)}

    """
  }

  /// A manifest with the value that the test driver's domain has.
  package static let inSync = domain("currentMemory: 512MiB")
  /// A manifest whose plan has one live and one persistent step.
  package static let change = domain("currentMemory: 600MiB")
  /// A manifest with more memory than the guest's RAM lets a balloon give.
  package static let blocked = domain("currentMemory: 2GiB")
  package static let unknownField = domain("memroy: 1GiB")

  /// A Domain named `web`.
  package static func domain(_ spec: String) -> String { domain("web", spec) }
}
