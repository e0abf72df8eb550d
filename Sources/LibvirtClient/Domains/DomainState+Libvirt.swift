// SPDX-License-Identifier: Apache-2.0
import CLibvirt
import MemoryModel

extension DomainState {
  /// Makes the state from a `virDomainState`; ``noState`` for an unknown number.
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

  /// The job that holds a domain in this state, by libvirt's `reason`; nil where there is none.
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

extension DomainState {
  /// Why the domain stopped, in virsh's words; nil where it did not or libvirt does not say.
  func stop(reason: Int32) -> String? {
    switch self {
    case .shutOff:
      switch virDomainShutoffReason(UInt32(bitPattern: reason)) {
      case VIR_DOMAIN_SHUTOFF_SHUTDOWN: "shutdown"
      case VIR_DOMAIN_SHUTOFF_DESTROYED: "destroyed"
      case VIR_DOMAIN_SHUTOFF_CRASHED: "crashed"
      case VIR_DOMAIN_SHUTOFF_MIGRATED: "migrated"
      case VIR_DOMAIN_SHUTOFF_SAVED: "saved"
      case VIR_DOMAIN_SHUTOFF_FAILED: "failed"
      case VIR_DOMAIN_SHUTOFF_FROM_SNAPSHOT: "from snapshot"
      case VIR_DOMAIN_SHUTOFF_DAEMON: "daemon"
      default: nil
      }
    case .crashed:
      reason == Int32(VIR_DOMAIN_CRASHED_PANICKED.rawValue) ? "panicked" : "crashed"
    default: nil
    }
  }
}

/// The name of a job that prevents changes, by libvirt's numbers for its type and operation.
///
/// Nil where no job runs, and for a backup, during which libvirt allows changes.
func jobName(type: Int32, operation: Int32?) -> String? {
  switch virDomainJobType(UInt32(bitPattern: type)) {
  case VIR_DOMAIN_JOB_BOUNDED, VIR_DOMAIN_JOB_UNBOUNDED: break
  default: return nil
  }
  switch virDomainJobOperation(UInt32(bitPattern: operation ?? 0)) {
  case VIR_DOMAIN_JOB_OPERATION_START: return "start"
  case VIR_DOMAIN_JOB_OPERATION_SAVE: return "save"
  case VIR_DOMAIN_JOB_OPERATION_RESTORE: return "restore"
  case VIR_DOMAIN_JOB_OPERATION_MIGRATION_IN, VIR_DOMAIN_JOB_OPERATION_MIGRATION_OUT:
    return "migration"
  case VIR_DOMAIN_JOB_OPERATION_SNAPSHOT, VIR_DOMAIN_JOB_OPERATION_SNAPSHOT_REVERT:
    return "snapshot"
  case VIR_DOMAIN_JOB_OPERATION_DUMP: return "dump"
  case VIR_DOMAIN_JOB_OPERATION_BACKUP: return nil
  default: return "job that libvirt does not name"
  }
}
