// SPDX-License-Identifier: Apache-2.0

// The words in which plans and reports tell their results.
extension Topic {
  static let verdicts = [
    Topic(
      "inSync", .verdicts, "The running guest and the persistent definition are as declared.",
      next: "virtmem plan PATH -v", synonyms: ["in sync"]),
    Topic(
      "change", .verdicts, "A value is not as declared, and the plan has a step that changes it.",
      next: "virtmem apply PATH", synonyms: ["to change", "not as declared", "changes"]),
    Topic(
      "pendingRestart", .verdicts,
      "The persistent definition is as declared, and the running guest gets it at its next start.",
      detail: "`--require-live` counts such a value as a difference (status 2).",
      next: "virsh shutdown DOMAIN, then virsh start DOMAIN",
      synonyms: ["pending", "pending restart", "at the next start"]),
    Topic(
      "blocked", .verdicts,
      "A value is not as declared, and a rule or a policy forbids the change.",
      detail: """
        The plan names the rule and what to do. virtmem changes nothing of a blocked field, and \
        does the rest of the plan. The status is 3; with `--tolerate blocked` it is 0.
        """, next: "virtmem explain RULE"),
    Topic(
      "unobserved", .verdicts, "virtmem could not read the value, so the value is unknown.",
      detail: "The status is 5; with `--tolerate unobserved` it is 0.",
      next: "virsh -r -c URI list --all", synonyms: ["not observed", "not seen", "unknown domains"]),
  ]

  static let results = [
    Topic(
      "done", .results, "virtmem made the step and has seen its effect.",
      next: "virtmem plan PATH", synonyms: ["done and verified"]),
    Topic(
      "alreadyDone", .results, "The value was as the plan leaves it, so virtmem sent nothing.",
      next: "virtmem plan PATH", synonyms: ["already done"]),
    Topic(
      "failed", .results, "libvirt refused the step, or its effect did not show in time.",
      detail: "The report names the call, libvirt's message and the rule. The status is 1.",
      next: "virtmem explain RULE, then virtmem plan PATH"),
    Topic(
      "unknown", .results,
      "The call had no answer, and virtmem could not read the domain since.",
      detail: "The change may have been made. A new plan shows what is there.",
      next: "virtmem plan PATH", synonyms: ["outcome unknown"]),
    Topic(
      "skipped", .results, "virtmem did not begin the step.",
      detail: """
        The run was interrupted, `--max-failures` or `--deadline` stopped it, or a step before \
        it was not done. The plan of a new run has the step again.
        """, next: "virtmem apply PATH", synonyms: ["not begun", "left unfinished"]),
    Topic(
      "stale", .results,
      "The domain is not as it was when it was planned, so virtmem left it as it is.",
      detail: "The report names the values that changed. The status is 4.",
      next: "virtmem plan PATH --out plan.json", synonyms: ["left untouched"]),
  ]

  static let statuses: [Topic] = [
    ("0", "All is done, or there was nothing to do.", "virtmem plan PATH"),
    (
      "1", "A step failed, another apply holds a host, or virtmem could not write a file.",
      "virtmem plan PATH"
    ),
    (
      "2", "Something differs (drift, --detailed-exitcode, --require-live), or was not approved.",
      "virtmem plan PATH"
    ),
    ("3", "A field or a domain is blocked; the rest is done.", "virtmem explain RULE"),
    (
      "4", "A domain changed since it was planned, and virtmem left it as it is.",
      "virtmem plan PATH --out plan.json"
    ),
    ("5", "virtmem could not observe a host or a domain.", "virsh -r -c URI list --all"),
    (
      "64", "The command line is wrong or selects nothing, and nothing was done.",
      "virtmem COMMAND --help"
    ),
    (
      "65", "A manifest, a plan or another input is invalid, and nothing was done.",
      "virtmem validate PATH"
    ),
    ("70", "virtmem itself has an error.", "virtmem version"),
    ("130", "Ctrl-C (SIGINT) ended the run.", "virtmem plan PATH"),
    ("143", "SIGTERM ended the run.", "virtmem plan PATH"),
  ].map {
    Topic($0.0, .statuses, $0.1, next: $0.2, synonyms: ["exit \($0.0)", "status \($0.0)"])
  }

  static let reports = [
    Topic(
      "symbols", .reports, "The first column of a plan says what happens to a field.",
      detail: """
        `+` sets a value, `~` changes it, `-` takes it away, `!` is blocked, `…` waits for the next \
        start, `=` is in sync, and `?` was not seen.
        """, next: "virtmem plan --help",
      synonyms: ["+", "~", "-", "!", "…", "...", "=", "?", "legend"]
    ),
    Topic(
      "exit status", .reports, "The number with which virtmem ends: one meaning each.",
      detail: """
        0 done, 1 failed, 2 differences, 3 blocked, 4 stale, 5 unobserved, 64 usage, 65 invalid \
        input, 70 internal error, 130 and 143 interrupted. If several hold, what is known comes \
        before what is not.
        """, next: "virtmem explain 3", synonyms: ["exit code", "exit", "status", "statuses"]),
    Topic(
      "plan", .reports, "The steps that bring the domains from what is there to what is declared.",
      detail: "`plan` never writes. A saved plan is performed as it was shown.",
      next: "virtmem plan PATH --out plan.json, then virtmem apply --plan plan.json",
      synonyms: ["saved plan", "plan.json"]),
    Topic(
      "drift", .reports, "What differs from the manifests and virtmem could change.",
      detail: "`drift` never writes; its status is 2 if there is drift.", next: "virtmem drift PATH"
    ),
    Topic(
      "step", .reports, "One call of libvirt on one definition, or a wait for the guest.",
      detail: """
        `apply` verifies each step before the next one of its domain. Guests feel a step that is \
        `felt live`: the balloon, a memory device or a lower limit.
        """, next: "virtmem plan PATH -v", synonyms: ["steps", "felt live", "not felt", "await"]),
    Topic(
      "action", .reports, "The call of libvirt that a step makes, as documents name it.",
      detail: """
        setMaxMemory and setMemory are `virsh setmaxmem` and `virsh setmem`, setMemoryParameters is \
        `virsh memtune`, setMemoryStatsPeriod is `virsh dommemstat --period`, setNumaParameters is \
        `virsh numatune`; attachDevice, detachDevice and updateDevice are the commands of that \
        name, and redefine is `virsh define`.
        """, next: "virtmem plan PATH -v",
      synonyms: [
        "actions", "setMaxMemory", "setMemory", "setMemoryParameters", "setMemoryStatsPeriod",
        "setNumaParameters", "attachDevice", "detachDevice", "updateDevice", "redefine",
      ]),
    Topic(
      "on several hosts", .reports, "More than one declared Host has a domain of this name.",
      detail: "The domain is blocked, because virtmem does not guess which one is meant.",
      next: "virtmem explain domain-on-several-hosts", synonyms: ["several hosts"]),
    Topic(
      "not there", .reports, "The definition does not have the element or the device.",
      next: "virtmem plan PATH -v", synonyms: ["not set"]),
    Topic(
      "headroom", .reports, "How much a running guest can still grow without a restart.",
      next: "virtmem plan PATH -v", synonyms: ["can grow live"]),
    Topic(
      "reach", .reports, "RAM at boot plus DIMMs, which is the most that a balloon can give.",
      example: "spec:\n  memory: 8GiB\n  currentMemory: 6GiB", next: "virtmem explain currentMemory"
    ),
    Topic(
      "basis", .reports, "The hash of the state of a domain from which the steps of a plan start.",
      detail: "If a domain has another state when a saved plan is applied, the domain is stale.",
      next: "virtmem explain stale", synonyms: ["outcome", "goal hash"]),
    Topic(
      "snapshot", .reports, "The observed state of hosts in a file, from which virtmem can plan.",
      next: "virtmem observe > fleet.jsonl, then virtmem plan PATH --observed fleet.jsonl",
      synonyms: ["observed"]),
    Topic(
      "no longer managed", .reports,
      "The manifests of --changed-from declare a domain or a field, and the new ones do not.",
      detail: "virtmem leaves such a domain or field as it is.",
      next: "virtmem plan PATH --changed-from OLD", synonyms: ["removed", "not of this change"]),
  ]
}
