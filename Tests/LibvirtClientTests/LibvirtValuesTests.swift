// SPDX-License-Identifier: Apache-2.0
import MemoryModel
import Testing

@testable import LibvirtClient

@Suite struct LibvirtValuesTests {
  @Test(
    "a domain that something holds is said to have a job",
    arguments: [
      (DomainState.running, 1, nil), (.running, 10, "migration"), (.paused, 1, nil),
      (.paused, 2, "migration"), (.paused, 3, "save"), (.paused, 4, "dump"), (.paused, 5, nil),
      (.paused, 9, "snapshot"), (.shutOff, 2, nil),
    ] as [(DomainState, Int32, String?)])
  func job(state: DomainState, reason: Int32, job: String?) {
    #expect(state.job(reason: reason) == job)
  }

  @Test(
    "an error's kind follows from its code and domain",
    arguments: [
      (3, 10, .unsupported), (42, 10, .noDomain), (84, 10, .refused), (55, 10, .refused),
      (38, 10, .refused), (38, 7, .connection), (1, 7, .connection), (39, 7, .connection),
      (5, 0, .connection), (45, 7, .connection), (9999, 10, .refused),
    ] as [(Int32, Int32, HypervisorError.Kind)])
  func kind(code: Int32, domain: Int32, kind: HypervisorError.Kind) {
    #expect(HypervisorError.Kind(code: code, domain: domain) == kind)
  }
}
