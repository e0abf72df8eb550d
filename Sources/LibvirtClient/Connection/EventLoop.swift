// SPDX-License-Identifier: Apache-2.0
import CLibvirt
import Glibc
import MemoryModel

/// Whether libvirt's event loop runs; the first use starts it on its own thread.
///
/// Starting it calls `virEventRegisterDefaultImpl`, and the thread calls `virEventRunDefaultImpl`
/// until the process ends. Keepalive needs the loop. Each call on a connection that is opened after
/// the start takes a third longer, so read-only connections do not start it.
let eventLoopRuns: Bool = startEventLoop()

/// Starts the event loop.
///
/// It is a free function, and so not isolated to an actor, because libvirt calls back into it.
private func startEventLoop() -> Bool {
  guard libvirtIsReady, virEventRegisterDefaultImpl() == 0 else { return false }
  do throws(HypervisorError) {
    try startThread {
      while true {
        // An error means that poll failed; the pause keeps the loop from using a whole processor.
        if virEventRunDefaultImpl() < 0 { usleep(100_000) }
      }
    }
    return true
  } catch {
    return false
  }
}
