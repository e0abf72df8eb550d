// SPDX-License-Identifier: Apache-2.0

// The words in which plans and reports tell their results.
extension Topic {
  static let verdicts = [
    Topic(
      "inSync", .verdicts, "The running guest and the persistent definition are as declared.",
      synonyms: ["in sync"]),
    Topic(
      "change", .verdicts, "A value is not as declared, and the plan has a step that changes it.",
      synonyms: ["to change"]),
    Topic(
      "pendingRestart", .verdicts,
      "The persistent definition is as declared, and the running guest gets it at its next start.",
      detail: "`--require-live` counts such a value as a difference (status 2).",
      synonyms: ["pending"]),
    Topic(
      "blocked", .verdicts,
      "A value is not as declared, and a rule or a policy forbids the change.",
      detail: """
        The plan names the rule, and `virtmem explain RULE` says more. With `--tolerate blocked` \
        the status is 0.
        """),
    Topic(
      "unobserved", .verdicts, "virtmem could not read the value, so the value is unknown.",
      detail: "With `--tolerate unobserved` the status is 0."),
  ]

  static let results = [
    Topic("done", .results, "virtmem made the step and has seen its effect."),
    Topic(
      "alreadyDone", .results, "The value was as the plan leaves it, so virtmem sent nothing."),
    Topic("failed", .results, "libvirt refused the step, or its effect did not show in time."),
    Topic(
      "unknown", .results,
      "The call had no answer, and virtmem could not read the domain since.",
      detail: "The change may have been made. Plan again: the plan shows what is there."),
    Topic("skipped", .results, "virtmem did not begin the step."),
    Topic(
      "stale", .results,
      "The domain is not as it was when it was planned, so virtmem left it as it is.",
      detail: "Plan again. The status is 4."),
  ]

  static let statuses: [Topic] = [
    ("0", "All is done, or there was nothing to do."),
    ("1", "A step failed, or virtmem could not write a file."),
    ("2", "Something differs (drift, --detailed-exitcode, --require-live), or was not approved."),
    ("3", "A field or a domain is blocked; the rest is done."),
    ("4", "A domain changed since it was planned, and virtmem left it as it is."),
    ("5", "virtmem could not observe a host or a domain."),
    ("64", "The command line is wrong, and nothing was done."),
    ("65", "A manifest, a plan or another input is invalid, and nothing was done."),
    ("70", "virtmem itself has an error."),
    ("130", "Ctrl-C (SIGINT) ended the run."),
    ("143", "SIGTERM ended the run."),
  ].map { Topic($0.0, .statuses, $0.1, synonyms: ["exit \($0.0)", "status \($0.0)"]) }
}
