// SPDX-License-Identifier: Apache-2.0

internal import MemoryModel

/// What a domain's being there, its state and its kind do not let happen.
extension Constraint {
  /// The host answered, and has no such domain.
  public static let domainNotDefined = Constraint(
    "domain-not-defined", .refuses, "there is no such domain",
    fact: """
      Every host that could have the domain answered, and none has it under this name and UUID. \
      virtmem defines and deletes no domains.
      """,
    remedy: "Define the domain, correct its name, uuid or host, or remove it from the manifests.")

  /// Two hosts have it.
  public static let domainOnSeveralHosts = Constraint(
    "domain-on-several-hosts", .refuses, "more than one host has the domain",
    fact:
      "Without `host` a domain is the one that any declared Host has, and here several have it.",
    remedy: "Say which one is meant with `host`.")

  /// Somebody else is at it.
  public static let domainBusy = Constraint(
    "domain-busy", .refuses, "the domain is being changed by something else",
    fact: "A domain that is being shut down, saved, dumped or migrated takes no change.",
    remedy: "Wait for it to end, then plan again.")

  /// Nothing to wait for.
  public static let transientHasNoNextStart = Constraint(
    "transient-has-no-next-start", .refuses, "only a next start could do it, and there is none",
    fact: """
      A transient domain has no persistent definition to start from, and virtmem never gives it \
      one: that would make it persistent.
      """,
    remedy: "Define the domain if it should outlive its guest, or take the field out for it.")

  static let ofDomains = [
    domainNotDefined, domainOnSeveralHosts, domainBusy, transientHasNoNextStart,
  ]
}
