// SPDX-License-Identifier: Apache-2.0
import CLibvirt
import Glibc
import MemoryModel

/// Runs libvirt's own event loop on a thread of its own, from the first time that this is asked.
///
/// `virEventRegisterDefaultImpl` and `virEventRunDefaultImpl`, once a process and for the rest of
/// it. Keepalive needs it. It costs each call of a connection that is opened after it a third,
/// and so nothing that only reads asks for it. False where there is none to be had.
let eventLoopRuns: Bool = startEventLoop()

/// A free function, and so isolated to nothing, as everything that libvirt calls back into.
private func startEventLoop() -> Bool {
  guard libvirtIsReady, virEventRegisterDefaultImpl() == 0 else { return false }
  do throws(HypervisorError) {
    try startThread {
      while true {
        // It fails only where poll does; then the loop must not take a processor for itself.
        if virEventRunDefaultImpl() < 0 { usleep(100_000) }
      }
    }
    return true
  } catch {
    return false
  }
}
