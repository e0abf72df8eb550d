// SPDX-License-Identifier: Apache-2.0

package import MemoryModel

/// Rules about whether a domain exists, and about its state and its kind.
extension Rule {
  package static let domainNotDefined = Rule(
    "domain-not-defined", .refuses, "the domain does not exist",
    fact: """
      virtmem asked every host that could have the domain, and no host has a domain with this name \
      and UUID. virtmem never defines or deletes a domain.
      """,
    remedy: """
      Run `virsh -c URI list --all` to see which domains the connection has. If the domain is on \
      another connection, correct the URI or `host`. If the domain has another name or UUID, \
      correct `name` or `uuid`. If the domain does not exist, define the domain with `virsh define \
      FILE`, or remove the domain from the manifests.
      """)

  package static let domainOnSeveralHosts = Rule(
    "domain-on-several-hosts", .refuses, "more than one host has the domain",
    fact: """
      If a Domain does not declare `host`, virtmem looks for the domain on every declared Host, \
      and exactly one Host must have the domain.
      """,
    remedy: "Declare `host` in the Domain.", meaning: .severalHosts)

  package static let transientHasNoNextStart = Rule(
    "transient-has-no-next-start", .refuses,
    "the change needs a next start, which a transient domain does not have",
    fact: """
      A transient domain has no persistent definition from which it could start. virtmem never \
      adds a persistent definition, because the domain would then no longer be transient.
      """,
    remedy: """
      If `policy.disruption` is `none` and the field can change live (see `virtmem explain \
      FIELD`), declare `policy.disruption: live`. Otherwise create the domain again with the new \
      value (`virsh create FILE`), make the domain persistent (`virsh define FILE`), or remove the \
      field from the manifest for this domain.
      """)

  package static let deviceMayBeAnother = Rule(
    "device-may-be-another", .refuses,
    about: [FieldPath(.deviceModel, "*"), FieldPath(.deviceSize, "*")],
    "the domain has a memory device without an alias that may be this device",
    fact: """
      virtmem identifies a memory device without a user alias by its model, node, size, block, \
      page size, node mask and path. virtmem does not add a declared device if the domain has an \
      unidentified device of the same model and node, because the manifest may mean the existing \
      device.
      """,
    remedy: """
      Declare the existing device with the values that `virtmem export` prints, or give the \
      existing device an alias ua-NAME with `virsh edit DOMAIN`.
      """)

  package static let deviceAmbiguous = Rule(
    "device-ambiguous", .refuses,
    about: [FieldPath(.deviceModel, "*"), FieldPath(.deviceSize, "*")],
    "the domain has several memory devices that virtmem cannot distinguish",
    fact: """
      libvirt matches memory devices by their properties. virtmem cannot distinguish devices with \
      equal properties and without user aliases, so virtmem changes and removes none of them.
      """,
    remedy: "Give each of these devices an alias ua-NAME with `virsh edit DOMAIN`.")

  static let ofDomains = [
    domainNotDefined, domainOnSeveralHosts, transientHasNoNextStart,
    deviceMayBeAnother, deviceAmbiguous,
  ]
}
