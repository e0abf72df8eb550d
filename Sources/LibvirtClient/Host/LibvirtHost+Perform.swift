// SPDX-License-Identifier: Apache-2.0
import CLibvirt
import DomainXML
package import MemoryModel

extension LibvirtHost {
  /// Makes a call once; a return means that libvirt accepted it, not that its effect is there.
  ///
  /// Callers check the effect. The call is never repeated, even if the connection breaks.
  ///
  /// - Throws: ``HypervisorError``; kind `deadline` or `connection` means that libvirt may have
  ///   made the change or may still make it; kind `busy` that libvirt refused before it changed
  ///   anything.
  package func perform(
    _ call: Call, on domain: ObservedDomain
  ) async throws(HypervisorError) {
    guard access == .readWrite else {
      throw HypervisorError(
        .refused, call: call.api, message: "the connection is read-only")
    }
    // A broken connection is replaced before the call, which must not be sent twice.
    try await look { (link, limit) throws(HypervisorError) in
      try await link.run(within: limit) { (connection) throws(HypervisorError) in
        guard connection.isAlive else {
          throw HypervisorError(.connection, call: call.api, message: "the connection broke")
        }
        _ = try connection.entry(uuid: domain.uuid)
      }
    }
    try await use { (link) throws(HypervisorError) in
      try await link.run(within: writeTimeout) {
        (connection) throws(HypervisorError) in
        try connection.entry(uuid: domain.uuid).handle.perform(call, domain)
      }
    }
  }
}

extension DomainHandle {
  fileprivate func perform(_ call: Call, _ domain: ObservedDomain) throws(HypervisorError) {
    let impact = call.plane.impact(in: call.form)
    switch call.action {
    case .setMemory:
      let size = try call.size(of: .currentMemory)
      switch call.form {
      case .flagged: try setMemory(kibibytes: size, flags: impact)
      case .plain: try setMemory(kibibytes: size)
      }
    case .setMaxMemory:
      // libvirt's `<memory>` includes the full size of all memory devices.
      let devices = domain.persistent?.deviceTotal.kibibytesRoundedUp ?? 0
      let size = try call.size(of: .memory) + devices
      switch call.form {
      case .flagged:
        try setMemory(kibibytes: size, flags: impact | UInt32(VIR_DOMAIN_MEM_MAXIMUM.rawValue))
      case .plain: try setMaxMemory(kibibytes: size)
      }
    case .setMemoryParameters:
      try setMemoryParameters(call.limits(), flags: impact)
    case .setMemoryStatsPeriod:
      try setMemoryStatsPeriod(seconds: call.seconds(of: .statsPeriod), flags: impact)
    case .setNumaParameters:
      let (mode, nodeset) = try call.binding()
      try setNumaParameters(mode: mode, nodeset: nodeset, flags: impact)
    case .attachDevice:
      let xml = try call.edit { () throws(DomainXMLError) in
        try DomainEditor.device(adding: call.changes)
      }
      try attachDevice(xml, flags: impact)
    case .detachDevice:
      let device = try liveDevice(call)
      if let alias = device.alias {
        try detachDevice(alias: alias, flags: impact)
      } else {
        try detachDevice(device.xml, flags: impact)
      }
    case .updateDevice: try updateDevice(liveDevice(call).xml, flags: impact)
    case .redefine: try redefine(call, domain)
    }
  }

  /// Redefines the domain with changed memory, based on its current persistent definition, which
  /// must be as it was seen last.
  ///
  /// The XML includes the secrets, because a definition without them would remove them. Without a
  /// difference the domain is not redefined, because every redefinition sends an event.
  private func redefine(_ call: Call, _ seen: ObservedDomain) throws(HypervisorError) {
    let before = try xml(.persistent, withSecrets: true)
    guard try DomainDefinition.parse(before).configuration == seen.persistent else {
      throw HypervisorError(
        .busy, call: call.api,
        message: "another writer changes the definition, which differs from one look to the next")
    }
    let edited = try call.edit { () throws(DomainXMLError) -> String? in
      let edited = try DomainEditor.edited(before, call.changes)
      return try DomainEditor.canonical(edited) == DomainEditor.canonical(before) ? nil : edited
    }
    guard let edited else { return }
    try define(edited)
    let after = try xml(.persistent, withSecrets: true)
    let isKept = try? Self.rest(before, call) == Self.rest(after, call)
    guard isKept == true else {
      throw HypervisorError(
        .refused, call: call.api,
        message: """
          the redefinition changed more than memory, or somebody else changed the definition at \
          the same moment; look at it with virsh dumpxml --inactive
          """)
    }
  }

  /// The part of a definition that the call must not change.
  private static func rest(_ xml: String, _ call: Call) throws(DomainXMLError) -> String {
    try DomainEditor.withoutMemory(xml, changedBy: call.changes)
  }

  /// The device of the call from the live definition, with the changes that the call requests.
  private func liveDevice(_ call: Call) throws(HypervisorError) -> AttachedDevice {
    let live = try xml(.live)
    return try call.edit { () throws(DomainXMLError) in
      try DomainEditor.device(in: live, changedBy: call.changes)
    }
  }
}

extension Call {
  fileprivate func size(of field: FieldPath) throws(HypervisorError) -> UInt64 {
    guard case .size(let size) = target(of: field) else { throw makesNoSense(field) }
    return size.kibibytesRoundedUp
  }

  fileprivate func seconds(of field: FieldPath) throws(HypervisorError) -> Int32 {
    guard case .seconds(let seconds) = target(of: field), let value = Int32(exactly: seconds)
    else { throw makesNoSense(field) }
    return value
  }

  /// The limits that the call writes, in KiB and by libvirt's names.
  fileprivate func limits() throws(HypervisorError) -> [(name: String, kibibytes: UInt64)] {
    try changes.map { (change) throws(HypervisorError) in
      guard let name = Self.limitNames[change.field] else { throw makesNoSense(change.field) }
      switch change.to {
      case .size(let size): return (name, size.kibibytesRoundedUp)
      case .unlimited: return (name, Limit.unlimitedKibibytes)
      case .absence: return (name, 0)
      default: throw makesNoSense(change.field)
      }
    }
  }

  /// The mode, as libvirt's number, and the nodes; nil for what the call does not write.
  fileprivate func binding() throws(HypervisorError) -> (mode: Int32?, nodeset: String?) {
    var (mode, nodeset): (Int32?, String?) = (nil, nil)
    for change in changes {
      switch (change.field.name, change.to) {
      case (.numatuneMode, let value?): mode = NUMAMode(value)?.number
      case (.numatuneNodeset, .nodes(let nodes)?): nodeset = "\(nodes)"
      // libvirt implies this placement where nodes are given; the call has no parameter for it.
      case (.numatunePlacement, NUMAPlacement.static.fieldValue): continue
      default: throw makesNoSense(change.field)
      }
    }
    guard mode != nil || nodeset != nil else { throw makesNoSense(FieldPath(.numatuneMemory)) }
    return (mode, nodeset)
  }

  /// The result of `body`; an XML error becomes an error of the call.
  fileprivate func edit<Value>(
    _ body: () throws(DomainXMLError) -> Value
  ) throws(HypervisorError) -> Value {
    do throws(DomainXMLError) {
      return try body()
    } catch {
      throw HypervisorError(.refused, call: api, message: error.message)
    }
  }

  private static let limitNames: [FieldPath: String] = [
    .hardLimit: VIR_DOMAIN_MEMORY_HARD_LIMIT,
    .softLimit: VIR_DOMAIN_MEMORY_SOFT_LIMIT,
    .swapHardLimit: VIR_DOMAIN_MEMORY_SWAP_HARD_LIMIT,
    .minGuarantee: VIR_DOMAIN_MEMORY_MIN_GUARANTEE,
  ]

  /// The error for a value that the call can't have; no plan contains such a call.
  private func makesNoSense(_ field: FieldPath) -> HypervisorError {
    let value = target(of: field).map(\.description) ?? "nothing"
    return HypervisorError(
      .refused, call: api, message: "the call can't make \(field) \(value)")
  }
}
