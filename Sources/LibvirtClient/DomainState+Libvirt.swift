// SPDX-License-Identifier: Apache-2.0
import CLibvirt
import MemoryModel

extension DomainState {
  /// The state of libvirt's number; one that is not known is ``noState``.
  init(_ state: Int32) {
    switch virDomainState(UInt32(bitPattern: state)) {
    case VIR_DOMAIN_RUNNING: self = .running
    case VIR_DOMAIN_BLOCKED: self = .idle
    case VIR_DOMAIN_PAUSED: self = .paused
    case VIR_DOMAIN_SHUTDOWN: self = .inShutdown
    case VIR_DOMAIN_SHUTOFF: self = .shutOff
    case VIR_DOMAIN_CRASHED: self = .crashed
    case VIR_DOMAIN_PMSUSPENDED: self = .pmsuspended
    default: self = .noState
    }
  }

  /// The work that `reason` says a domain in this state is held by; nil where there is none.
  func job(reason: Int32) -> String? {
    switch self {
    case .running:
      switch virDomainRunningReason(UInt32(bitPattern: reason)) {
      case VIR_DOMAIN_RUNNING_POSTCOPY, VIR_DOMAIN_RUNNING_POSTCOPY_FAILED: "migration"
      default: nil
      }
    case .paused:
      switch virDomainPausedReason(UInt32(bitPattern: reason)) {
      case VIR_DOMAIN_PAUSED_MIGRATION, VIR_DOMAIN_PAUSED_POSTCOPY,
        VIR_DOMAIN_PAUSED_POSTCOPY_FAILED:
        "migration"
      case VIR_DOMAIN_PAUSED_SAVE: "save"
      case VIR_DOMAIN_PAUSED_DUMP: "dump"
      case VIR_DOMAIN_PAUSED_SNAPSHOT: "snapshot"
      case VIR_DOMAIN_PAUSED_STARTING_UP: "start"
      case VIR_DOMAIN_PAUSED_SHUTTING_DOWN: "shutdown"
      default: nil
      }
    default: nil
    }
  }
}
