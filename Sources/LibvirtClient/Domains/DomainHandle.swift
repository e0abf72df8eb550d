// SPDX-License-Identifier: Apache-2.0
import CLibvirt
import MemoryModel

/// A reference to a libvirt domain (`virDomainPtr`); `virDomainFree` releases it.
///
/// Every function makes the C call that its comment names, and blocks until libvirt returns.
@safe struct DomainHandle: ~Copyable, @unchecked Sendable {
  // libvirt allows several threads to use one handle; a lookup for each would double the calls.
  private let pointer: virDomainPtr

  /// Takes ownership of a reference that libvirt returned.
  init(adopting pointer: virDomainPtr) {
    unsafe self.pointer = unsafe pointer
  }

  deinit {
    unsafe virDomainFree(pointer)
  }

  /// The domain's name; `virDomainGetName`.
  func name() throws(HypervisorError) -> String {
    let name = unsafe try libvirt("virDomainGetName") { unsafe virDomainGetName(pointer) }
    return unsafe String(cString: name)
  }

  /// The domain's UUID in lower case; `virDomainGetUUID`.
  func uuid() throws(HypervisorError) -> String {
    unsafe try uuidString(of: pointer)
  }

  /// The domain's id at the time of this handle's lookup; nil if it was inactive; `virDomainGetID`.
  func id() -> Int? {
    unsafe runNumber(of: pointer)
  }

  /// The domain's state and its reason, as libvirt's numbers; `virDomainGetState`.
  func state() throws(HypervisorError) -> (state: Int32, reason: Int32) {
    var (state, reason): (Int32, Int32) = (0, 0)
    try libvirt("virDomainGetState") { unsafe virDomainGetState(pointer, &state, &reason, 0) }
    return (state, reason)
  }

  /// Whether the domain has a persistent definition; `virDomainIsPersistent`.
  func isPersistent() throws(HypervisorError) -> Bool {
    try libvirt("virDomainIsPersistent") { unsafe virDomainIsPersistent(pointer) } > 0
  }

  /// The states and the balloon statistics of `entries`, all of one connection, without waiting for
  /// jobs; `virDomainListGetStats`.
  ///
  /// libvirt leaves out a domain that is gone.
  static func statistics(of entries: [DomainEntry]) throws(HypervisorError) -> [DomainStatistics] {
    guard !entries.isEmpty else { return [] }
    let noWait = UInt32(VIR_CONNECT_GET_ALL_DOMAINS_STATS_NOWAIT.rawValue)
    defer { withExtendedLifetime(entries) {} }
    return unsafe try LibvirtClient.statistics("virDomainListGetStats", flags: noWait) {
      list, kinds, flags in
      var domains: [virDomainPtr?] = unsafe entries.map { unsafe $0.handle.pointer } + [nil]
      return unsafe virDomainListGetStats(&domains, kinds, list, flags)
    }
  }

  /// The name of the job that prevents changes now; `virDomainGetJobStats`.
  ///
  /// Nil where there is no such job, and where libvirt can't report jobs.
  ///
  /// - Throws: ``HypervisorError``; kind `busy` where this query itself waited for the job in vain.
  func barringJob() throws(HypervisorError) -> String? {
    var type: Int32 = 0
    var list: virTypedParameterPtr?
    var count: Int32 = 0
    defer { unsafe virTypedParamsFree(list, count) }
    do throws(HypervisorError) {
      try libvirt("virDomainGetJobStats") {
        unsafe virDomainGetJobStats(pointer, &type, &list, &count, 0)
      }
    } catch  where error.kind == .unsupported || error.kind == .refused {
      return nil
    }
    let values = unsafe TypedParameters(list, count: count)
    return jobName(type: type, operation: values.integer(VIR_DOMAIN_JOB_OPERATION))
  }

  // MARK: Definitions

  /// The definition on `plane` as XML; `virDomainGetXMLDesc`.
  ///
  /// libvirt refuses `withSecrets` on a read-only connection.
  func xml(_ plane: Plane, withSecrets: Bool = false) throws(HypervisorError) -> String {
    let flags =
      (plane == .live ? 0 : UInt32(VIR_DOMAIN_XML_INACTIVE.rawValue))
      | (withSecrets ? UInt32(VIR_DOMAIN_XML_SECURE.rawValue) : 0)
    return unsafe try string("virDomainGetXMLDesc") { unsafe virDomainGetXMLDesc(pointer, flags) }
  }

  /// Replaces the persistent definition of the domain; `virDomainDefineXMLFlags`.
  ///
  /// The call uses the connection of the domain's lookup, from `virDomainGetConnect`.
  func define(_ xml: String) throws(HypervisorError) {
    unsafe _ = DomainHandle(
      adopting: try libvirt("virDomainDefineXMLFlags") {
        unsafe virDomainDefineXMLFlags(virDomainGetConnect(pointer), xml, 0)
      })
  }

  /// The definition in the saved image as XML; `virDomainManagedSaveGetXMLDesc`.
  func managedSaveXML() throws(HypervisorError) -> String {
    unsafe try string("virDomainManagedSaveGetXMLDesc") {
      unsafe virDomainManagedSaveGetXMLDesc(pointer, 0)
    }
  }

  // MARK: Memory

  /// The memory limits in KiB, by libvirt's names; `virDomainGetMemoryParameters`.
  func memoryParameters(flags: UInt32) throws(HypervisorError) -> [String: UInt64] {
    // Room for more limits than any driver has saves the call that asks for their number.
    var count: Int32 = 16
    var parameters = unsafe [virTypedParameter](repeating: virTypedParameter(), count: Int(count))
    try libvirt("virDomainGetMemoryParameters") {
      unsafe virDomainGetMemoryParameters(pointer, &parameters, &count, flags)
    }
    let names = [
      VIR_DOMAIN_MEMORY_HARD_LIMIT, VIR_DOMAIN_MEMORY_SOFT_LIMIT,
      VIR_DOMAIN_MEMORY_SWAP_HARD_LIMIT,
    ]
    return unsafe parameters.withUnsafeMutableBufferPointer { parameters in
      let parameters = unsafe TypedParameters(parameters.baseAddress, count: count)
      return names.reduce(into: [:]) { $0[$1] = parameters.unsigned($1) }
    }
  }

  /// Sets memory limits in KiB, by libvirt's names; `virDomainSetMemoryParameters`.
  func setMemoryParameters(
    _ values: [(name: String, kibibytes: UInt64)], flags: UInt32
  ) throws(HypervisorError) {
    var list: virTypedParameterPtr?
    var (count, room): (Int32, Int32) = (0, 0)
    defer { unsafe virTypedParamsFree(list, count) }
    for value in values {
      try libvirt("virTypedParamsAddULLong") {
        unsafe virTypedParamsAddULLong(&list, &count, &room, value.name, value.kibibytes)
      }
    }
    try libvirt("virDomainSetMemoryParameters") {
      unsafe virDomainSetMemoryParameters(pointer, list, count, flags)
    }
  }

  /// Sets the balloon target, or with `MAXIMUM` the RAM at boot, in KiB; `virDomainSetMemoryFlags`.
  func setMemory(kibibytes: UInt64, flags: UInt32) throws(HypervisorError) {
    try libvirt("virDomainSetMemoryFlags") {
      unsafe virDomainSetMemoryFlags(pointer, UInt(kibibytes), flags)
    }
  }

  /// Sets the balloon target in KiB, for a driver with one definition; `virDomainSetMemory`.
  func setMemory(kibibytes: UInt64) throws(HypervisorError) {
    try libvirt("virDomainSetMemory") {
      unsafe virDomainSetMemory(pointer, UInt(kibibytes))
    }
  }

  /// Sets the RAM at boot in KiB, for a driver with one definition; `virDomainSetMaxMemory`.
  func setMaxMemory(kibibytes: UInt64) throws(HypervisorError) {
    try libvirt("virDomainSetMaxMemory") {
      unsafe virDomainSetMaxMemory(pointer, UInt(kibibytes))
    }
  }

  /// Sets how often QEMU collects memory statistics; `virDomainSetMemoryStatsPeriod`.
  func setMemoryStatsPeriod(seconds: Int32, flags: UInt32) throws(HypervisorError) {
    try libvirt("virDomainSetMemoryStatsPeriod") {
      unsafe virDomainSetMemoryStatsPeriod(pointer, seconds, flags)
    }
  }

  /// Sets the binding to host nodes; `virDomainSetNumaParameters`.
  ///
  /// `mode` is a `virDomainNumatuneMemMode`. A value that is nil is not changed.
  func setNumaParameters(
    mode: Int32?, nodeset: String?, flags: UInt32
  ) throws(HypervisorError) {
    var list: virTypedParameterPtr?
    var (count, room): (Int32, Int32) = (0, 0)
    defer { unsafe virTypedParamsFree(list, count) }
    if let mode {
      try libvirt("virTypedParamsAddInt") {
        unsafe virTypedParamsAddInt(&list, &count, &room, VIR_DOMAIN_NUMA_MODE, mode)
      }
    }
    if let nodeset {
      try libvirt("virTypedParamsAddString") {
        unsafe virTypedParamsAddString(&list, &count, &room, VIR_DOMAIN_NUMA_NODESET, nodeset)
      }
    }
    try libvirt("virDomainSetNumaParameters") {
      unsafe virDomainSetNumaParameters(pointer, list, count, flags)
    }
  }

  // MARK: Devices

  /// Attaches the device in `xml`; `virDomainAttachDeviceFlags`.
  func attachDevice(_ xml: String, flags: UInt32) throws(HypervisorError) {
    try libvirt("virDomainAttachDeviceFlags") {
      unsafe virDomainAttachDeviceFlags(pointer, xml, flags)
    }
  }

  /// Asks the guest to release the device with `alias`; `virDomainDetachDeviceAlias`.
  ///
  /// libvirt returns at once; the guest may release the device later or never.
  func detachDevice(alias: String, flags: UInt32) throws(HypervisorError) {
    try libvirt("virDomainDetachDeviceAlias") {
      unsafe virDomainDetachDeviceAlias(pointer, alias, flags)
    }
  }

  /// Asks the guest to release the device in `xml`; `virDomainDetachDeviceFlags`.
  ///
  /// libvirt waits up to 5 s for the guest, and returns success even if it has not released the
  /// device.
  func detachDevice(_ xml: String, flags: UInt32) throws(HypervisorError) {
    try libvirt("virDomainDetachDeviceFlags") {
      unsafe virDomainDetachDeviceFlags(pointer, xml, flags)
    }
  }

  /// Changes a device to match `xml`; `virDomainUpdateDeviceFlags`.
  func updateDevice(_ xml: String, flags: UInt32) throws(HypervisorError) {
    try libvirt("virDomainUpdateDeviceFlags") {
      unsafe virDomainUpdateDeviceFlags(pointer, xml, flags)
    }
  }
}
