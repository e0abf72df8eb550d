// SPDX-License-Identifier: Apache-2.0

package import MemoryModel

extension Hypervisor {
  /// Makes a call on a domain as it is now.
  package func perform(_ call: Call, uuid: String) async throws(HypervisorError) {
    try await perform(call, on: observe(uuid: uuid, .observed))
  }
}
