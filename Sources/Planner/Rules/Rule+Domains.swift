// SPDX-License-Identifier: Apache-2.0

package import MemoryModel

/// Rules about whether a domain exists, and about its state and its kind.
extension Rule {
  package static let domainNotDefined = Rule(
    "domain-not-defined", .refuses, "there is no such domain",
    fact: """
      Every host that could have the domain answered, and none has it under this name and UUID. \
      virtmem defines and deletes no domains.
      """,
    remedy: "Define the domain, correct its name, uuid or host, or remove it from the manifests.")

  package static let domainOnSeveralHosts = Rule(
    "domain-on-several-hosts", .refuses, "more than one host has the domain",
    fact:
      "Without `host` a domain is the one that any declared Host has, and here several have it.",
    remedy: "Say which one is meant with `host`.", meaning: .severalHosts)

  package static let transientHasNoNextStart = Rule(
    "transient-has-no-next-start", .refuses, "only a next start could do it, and there is none",
    fact: """
      A transient domain has no persistent definition to start from, and virtmem never gives it \
      one: that would make it persistent.
      """,
    remedy: "Define the domain if it should outlive its guest, or take the field out for it.")

  package static let deviceMayBeAnother = Rule(
    "device-may-be-another", .refuses,
    about: [FieldPath(.deviceModel, "*"), FieldPath(.deviceSize, "*")],
    "the domain has such a device that nobody named",
    fact: """
      A memory device without a user alias is known by its model, node, size, block, page size, \
      node mask and path alone. One that matches nothing is not added while one of its model and \
      node is left over: it may be meant.
      """,
    remedy: "Declare it as it is (`virtmem export` prints it), or give it an alias ua-NAME.")

  package static let deviceAmbiguous = Rule(
    "device-ambiguous", .refuses,
    about: [FieldPath(.deviceModel, "*"), FieldPath(.deviceSize, "*")],
    "the domain has several such devices, and nothing tells them apart",
    fact: """
      Memory devices that are equal in all that libvirt matches can't be told apart without user \
      aliases, so none of them is changed or removed.
      """,
    remedy: "Give each an alias ua-NAME with `virsh edit`.")

  static let ofDomains = [
    domainNotDefined, domainOnSeveralHosts, transientHasNoNextStart,
    deviceMayBeAnother, deviceAmbiguous,
  ]
}
