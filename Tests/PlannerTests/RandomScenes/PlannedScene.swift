// SPDX-License-Identifier: Apache-2.0
import LibvirtModel
import MemoryModel
import Planner
import TestSupport

/// Random scenes with their plans and results, computed once for all properties.
struct PlannedScene: Sendable {
  let scene: RandomScene
  let plan: DomainPlan
  /// The scene after the plan's steps; the refusal if the model refuses a step.
  let after: Result<RandomScene, any Error>
  /// The plan of ``after``.
  let again: DomainPlan

  /// Whether the plan has an absent device that no step identifies.
  var hasUnknownDevice: Bool {
    plan.fields.contains { field in
      field.path.name == .deviceState && field.desired == ItemState.absent.fieldValue
        && !plan.steps.flatMap(\.changes).contains {
          $0.field == field.path && $0.changesValue
        }
    }
  }

  static let all: [PlannedScene] = (0..<2000 as Range<UInt64>).map(PlannedScene.init)

  init(seed: UInt64) {
    let scene = RandomScene(seed: seed)
    let plan = scene.plan.domains[0]
    let after = Result { try scene.applying(plan) }
    self.scene = scene
    self.plan = plan
    self.after = after
    again = (try? after.get())?.plan.domains[0] ?? plan
  }
}
