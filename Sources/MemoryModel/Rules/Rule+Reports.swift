// SPDX-License-Identifier: Apache-2.0

// The rules that only reports name.
extension Rule {
  package static let drift = Rule(
    "drift", .warns, "a value is not as declared",
    fact: """
      A definition of the domain has another value than the manifests declare, and virtmem could \
      change it. The reports for code scanning and code quality need a rule for each result, and \
      give this rule to all differences.
      """,
    remedy: """
      If the manifests are right, run `virtmem apply`. If the domain is right, write its value \
      into the manifests (`virtmem export` prints it).
      """)

  /// The rules of reports in the catalogue.
  static let ofReports = [drift]
}
