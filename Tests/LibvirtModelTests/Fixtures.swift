// SPDX-License-Identifier: Apache-2.0
import LibvirtModel
import MemoryModel
import TestSupport

/// A running, persistent domain of 8 GiB, with both definitions changed by `edit`.
func domain(_ edit: (inout MemoryConfiguration) -> Void = { _ in }) -> ObservedDomain {
  var configuration = MemoryConfiguration()
  configuration.memory = .gibibytes(8)
  configuration.currentMemory = .exactly(.gibibytes(8))
  configuration.memballoon.model = .virtio
  edit(&configuration)
  return ObservedDomain(
    name: "web-01", uuid: "u", state: .running, isActive: true, isPersistent: true,
    live: configuration, persistent: configuration)
}

/// A call that changes fields to `values`.
func call(_ action: Action, _ plane: Plane, _ values: (FieldPath, FieldValue)...) -> Call {
  Call(action, on: plane, changes: values.map { Change(field: $0.0, from: nil, to: $0.1) })
}

func gibibytes(_ count: UInt64) -> FieldValue { .size(.gibibytes(count)) }

/// The constraint that refuses `call`; nil if the model accepts it.
func refusal(
  of call: Call, on domain: ObservedDomain, driver: HypervisorDriver = .qemu,
  isSession: Bool = false
) -> Rule? {
  do throws(Refusal) {
    _ = try ObservedHost(driver, isSession: isSession).result(of: call, on: domain)
    return nil
  } catch {
    return error.rule
  }
}
