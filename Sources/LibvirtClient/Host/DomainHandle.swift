// SPDX-License-Identifier: Apache-2.0
import CLibvirt
import MemoryModel

/// One reference to a domain; `virDomainPtr`, given back by `virDomainFree`.
///
/// Every function makes the one C call that its comment names, and blocks as long as libvirt does.
@safe struct DomainHandle: ~Copyable, @unchecked Sendable {
  // libvirt lets any number of threads use one domain: looking each up anew would double the reads.
  private let pointer: virDomainPtr

  /// Takes over a reference that libvirt has given.
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

  /// The domain's UUID in lower case; `virDomainGetUUIDString`.
  func uuid() throws(HypervisorError) -> String {
    unsafe try uuidString(of: pointer)
  }

  /// The number of the run that it was in when this handle was made; `virDomainGetID`.
  func id() -> Int? {
    unsafe runNumber(of: pointer)
  }

  /// What the domain does and why; `virDomainGetState`.
  func state() throws(HypervisorError) -> (state: Int32, reason: Int32) {
    var (state, reason): (Int32, Int32) = (0, 0)
    try libvirt("virDomainGetState") { unsafe virDomainGetState(pointer, &state, &reason, 0) }
    return (state, reason)
  }

  /// Whether it has a process or a guest; `virDomainIsActive`.
  func isActive() throws(HypervisorError) -> Bool {
    try libvirt("virDomainIsActive") { unsafe virDomainIsActive(pointer) } > 0
  }

  /// Whether it has a definition to start from; `virDomainIsPersistent`.
  func isPersistent() throws(HypervisorError) -> Bool {
    try libvirt("virDomainIsPersistent") { unsafe virDomainIsPersistent(pointer) } > 0
  }

  /// Whether its next start resumes a saved image; `virDomainHasManagedSaveImage`.
  func hasManagedSave() throws(HypervisorError) -> Bool {
    try libvirt("virDomainHasManagedSaveImage") {
      unsafe virDomainHasManagedSaveImage(pointer, 0)
    } > 0
  }

  /// State and balloon, as far as no job is in the way; `virDomainListGetStats`.
  func statistics() throws(HypervisorError) -> [DomainStatistics] {
    let noWait = UInt32(VIR_CONNECT_GET_ALL_DOMAINS_STATS_NOWAIT.rawValue)
    return unsafe try LibvirtClient.statistics("virDomainListGetStats", flags: noWait) {
      list, kinds, flags in
      var domains: [virDomainPtr?] = unsafe [pointer, nil]
      return unsafe virDomainListGetStats(&domains, kinds, list, flags)
    }
  }

  /// The job that bars writing for as long as it lasts; `virDomainGetJobStats`.
  ///
  /// Nil where there is none, where it bars nothing, and where the driver does not tell.
  ///
  /// - Throws: ``HypervisorError``; kind `busy` where even the question waited for it in vain.
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

  /// The definition on `plane`; `virDomainGetXMLDesc`.
  ///
  /// A read-only connection is refused the secrets.
  func xml(_ plane: Plane, withSecrets: Bool = false) throws(HypervisorError) -> String {
    let flags =
      (plane == .live ? 0 : UInt32(VIR_DOMAIN_XML_INACTIVE.rawValue))
      | (withSecrets ? UInt32(VIR_DOMAIN_XML_SECURE.rawValue) : 0)
    return unsafe try string("virDomainGetXMLDesc") { unsafe virDomainGetXMLDesc(pointer, flags) }
  }

  /// Defines the domain anew, over itself; `virDomainDefineXMLFlags`.
  ///
  /// The connection is the one that the domain was looked up on, `virDomainGetConnect`.
  func define(_ xml: String) throws(HypervisorError) {
    unsafe _ = DomainHandle(
      adopting: try libvirt("virDomainDefineXMLFlags") {
        unsafe virDomainDefineXMLFlags(virDomainGetConnect(pointer), xml, 0)
      })
  }

  /// The definition in the saved image; `virDomainManagedSaveGetXMLDesc`.
  func managedSaveXML() throws(HypervisorError) -> String {
    unsafe try string("virDomainManagedSaveGetXMLDesc") {
      unsafe virDomainManagedSaveGetXMLDesc(pointer, 0)
    }
  }

  // MARK: Memory

  /// The limits by libvirt's names for them, in KiB; `virDomainGetMemoryParameters`.
  func memoryParameters(flags: UInt32) throws(HypervisorError) -> [String: UInt64] {
    // Room for more than any driver has saves the call that would ask how much is needed.
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

  /// Sets limits by libvirt's names for them, in KiB; `virDomainSetMemoryParameters`.
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

  /// Sets the balloon's figure, or RAM at boot, in KiB; `virDomainSetMemoryFlags`.
  func setMemory(kibibytes: UInt64, flags: UInt32) throws(HypervisorError) {
    try libvirt("virDomainSetMemoryFlags") {
      unsafe virDomainSetMemoryFlags(pointer, UInt(kibibytes), flags)
    }
  }

  /// Sets the figure of a domain that has one definition, in KiB; `virDomainSetMemory`.
  func setMemory(kibibytes: UInt64) throws(HypervisorError) {
    try libvirt("virDomainSetMemory") {
      unsafe virDomainSetMemory(pointer, UInt(kibibytes))
    }
  }

  /// Sets RAM at boot of a domain that has one definition, in KiB; `virDomainSetMaxMemory`.
  func setMaxMemory(kibibytes: UInt64) throws(HypervisorError) {
    try libvirt("virDomainSetMaxMemory") {
      unsafe virDomainSetMaxMemory(pointer, UInt(kibibytes))
    }
  }

  /// Sets how often the guest reports; `virDomainSetMemoryStatsPeriod`.
  func setMemoryStatsPeriod(seconds: Int32, flags: UInt32) throws(HypervisorError) {
    try libvirt("virDomainSetMemoryStatsPeriod") {
      unsafe virDomainSetMemoryStatsPeriod(pointer, seconds, flags)
    }
  }

  /// Sets the binding to host nodes, by libvirt's number for a mode; what is nil is not sent;
  /// `virDomainSetNumaParameters`.
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

  /// Plugs the device that `xml` describes; `virDomainAttachDeviceFlags`.
  func attachDevice(_ xml: String, flags: UInt32) throws(HypervisorError) {
    try libvirt("virDomainAttachDeviceFlags") {
      unsafe virDomainAttachDeviceFlags(pointer, xml, flags)
    }
  }

  /// Asks the guest to let go of the device with that alias; `virDomainDetachDeviceAlias`.
  ///
  /// It returns at once: that it does means that the guest was asked.
  func detachDevice(alias: String, flags: UInt32) throws(HypervisorError) {
    try libvirt("virDomainDetachDeviceAlias") {
      unsafe virDomainDetachDeviceAlias(pointer, alias, flags)
    }
  }

  /// Asks the guest to let go of the device that `xml` describes; `virDomainDetachDeviceFlags`.
  ///
  /// It waits 5 s for the guest, and where that was not enough it succeeds all the same.
  func detachDevice(_ xml: String, flags: UInt32) throws(HypervisorError) {
    try libvirt("virDomainDetachDeviceFlags") {
      unsafe virDomainDetachDeviceFlags(pointer, xml, flags)
    }
  }

  /// Makes a device what `xml` describes; `virDomainUpdateDeviceFlags`.
  func updateDevice(_ xml: String, flags: UInt32) throws(HypervisorError) {
    try libvirt("virDomainUpdateDeviceFlags") {
      unsafe virDomainUpdateDeviceFlags(pointer, xml, flags)
    }
  }
}

/// The UUID in lower case of a domain whose reference is somebody else's; `virDomainGetUUIDString`.
func uuidString(of domain: virDomainPtr?) throws(HypervisorError) -> String {
  var text = [CChar](repeating: 0, count: Int(VIR_UUID_STRING_BUFLEN))
  try libvirt("virDomainGetUUIDString") { unsafe virDomainGetUUIDString(domain, &text) }
  return string(ofCharacters: text)
}

/// The number of the run of a domain whose reference is somebody else's; `virDomainGetID`, nil where
/// it did not run.
func runNumber(of domain: virDomainPtr?) -> Int? {
  let id = unsafe virDomainGetID(domain)
  return id == .max ? nil : Int(id)
}

/// A domain's handle for jobs to share, with what it tells without asking the daemon.
final class DomainEntry: Sendable {
  /// The handle.
  let handle: DomainHandle
  /// The domain's name.
  let name: String
  /// The domain's UUID in lower case.
  let uuid: String

  /// Takes over the handle.
  init(_ handle: consuming DomainHandle) throws(HypervisorError) {
    name = try handle.name()
    uuid = try handle.uuid()
    self.handle = handle
  }
}
