// SPDX-License-Identifier: Apache-2.0
import MemoryModel
import Planner
import Testing

/// What is compared before and after a step.
@Suite struct StepConditionsTests {
  @Test(
    "a size counts as reached where libvirt rounds it for the guest's architecture",
    arguments: [("ppc64le", true), ("x86_64", false), (nil, false)])
  func rounding(architecture: String?, isReached: Bool) {
    let size = FieldPath(.deviceSize, "stick0")
    let call = Call(
      .redefine, on: .persistent,
      changes: [
        Change(field: size, from: .size(.mebibytes(256)), to: .size(.mebibytes(300)))
      ])
    var domain = running("web-01", guest(8))
    domain.architecture = architecture
    domain.persistent?.devices = [
      MemoryDevice(model: .dimm, name: "stick0", alias: "stick0", size: .mebibytes(512), node: 0)
    ]
    let conditions = StepConditions(of: .call(call), on: host([domain]))
    #expect(conditions.isAchieved(domain) == isReached)
    #expect(!conditions.isAtOrigin(domain))
  }
}
