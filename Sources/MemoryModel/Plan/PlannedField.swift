// SPDX-License-Identifier: Apache-2.0

/// How a field compares with its desired value; a domain has the worst verdict of its fields.
package enum Verdict: String, Hashable, Sendable, Comparable, CaseIterable {
  /// Both definitions have the desired value.
  case inSync
  /// The persistent definition has the desired value; the running guest gets it at the next start.
  case pendingRestart
  /// The value is not as desired, and a step changes it; a suspended domain has no steps.
  case change
  /// A rule or a policy forbids the change.
  case blocked
  /// virtmem could not observe the value.
  case unobserved
  /// virtmem never changes the domain; only domains have this verdict, and its rank means nothing.
  case suspended

  /// Orders verdicts from best to worst.
  package static func < (left: Verdict, right: Verdict) -> Bool {
    left.rank < right.rank
  }

  private var rank: Int { Verdict.allCases.firstIndex(of: self) ?? 0 }
}

/// Why a running guest gets a value only at its next start.
package enum HeldBack: String, Hashable, Sendable, CaseIterable {
  /// libvirt or QEMU can change the value only at a start.
  case start
  /// `policy.disruption` or `--allow` is `none`.
  case policy
}

/// A managed field of a domain, with the desired value, the observed values and the verdict.
package struct PlannedField: Hashable, Sendable {
  /// The field's name.
  package var path: FieldPath
  /// The value that the manifest declares.
  package var desired: FieldValue
  /// The value in the live definition; nil where it is not present or was not observed.
  package var live: FieldValue?
  /// The value in the persistent definition; nil where it is not present or was not observed.
  package var persistent: FieldValue?
  /// How the observed values compare with the desired value.
  package var verdict: Verdict
  /// Why the running guest does not get the value now; nil where it does.
  package var heldBack: HeldBack?
  /// Whether the field is part of the change that a narrowed run plans; true for all other runs.
  package var isOfThisChange: Bool
  /// The place of the value in the manifests.
  package var source: SourcePosition?

  /// Makes a field.
  package init(
    path: FieldPath, desired: FieldValue, live: FieldValue? = nil, persistent: FieldValue? = nil,
    verdict: Verdict, heldBack: HeldBack? = nil, isOfThisChange: Bool = true,
    source: SourcePosition? = nil
  ) {
    self.path = path
    self.desired = desired
    self.live = live
    self.persistent = persistent
    self.verdict = verdict
    self.heldBack = heldBack
    self.isOfThisChange = isOfThisChange
    self.source = source
  }
}
