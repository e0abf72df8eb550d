// SPDX-License-Identifier: Apache-2.0

package import MemoryModel

/// The JSON document of `plan`, `drift` and `apply`, identified by the SHA-256 hash of its content.
///
/// The same plan always gives the same bytes, except for `created` and the hosts' `memory`. The
/// member `id` is the hash of the document without `created` and `id`, and with `null` for each
/// host's `memory`; it is `null` for several documents that were joined.
package enum PlanDocument {
  /// Writes `plan`, made at `created` (RFC 3339), with a newline at the end.
  package static func bytes(of plan: Plan, created: String) -> [UInt8] {
    bytes(of: plan, results: nil, created: created)
  }

  /// Writes the plan of `report` with the result of each step and each domain.
  ///
  /// The verdicts are those of the plan. A step that the report has no result for is written as
  /// skipped.
  package static func bytes(of report: ApplyReport, created: String) -> [UInt8] {
    bytes(of: report.plan, results: report, created: created)
  }

  /// Writes a plan, or the report of an apply, that virtmem read back.
  package static func bytes(of saved: SavedPlan) -> [UInt8] {
    WrittenPlan(
      saved.plan, saved.report, created: saved.created, identified: saved.id != nil
    ).document
  }

  /// The identifier of `plan`: `sha256:` and the hash of its content.
  package static func id(of plan: Plan) -> String {
    WrittenPlan(plan, nil, created: "").id
  }

  private static func bytes(
    of plan: Plan, results report: ApplyReport?, created: String
  ) -> [UInt8] {
    WrittenPlan(plan, report, created: created).document
  }
}

extension JSONWriter {
  /// Writes the counts of a plan as a member.
  mutating func summary(of plan: Plan, report: ApplyReport?) {
    let counts = plan.counts
    key("summary")
    object {
      $0.member("blocked", counts[.blocked, default: 0])
      $0.member("change", counts[.change, default: 0])
      $0.member("domains", plan.domains.count)
      if let report { $0.member("done", report.doneCount) }
      $0.member("inSync", counts[.inSync, default: 0])
      $0.member("pendingRestart", counts[.pendingRestart, default: 0])
      $0.member("steps", plan.stepCount)
      $0.member("suspended", counts[.suspended, default: 0])
      $0.member("unobserved", counts[.unobserved, default: 0])
    }
  }

  /// Writes a host.
  mutating func host(_ host: PlannedHost) {
    object {
      $0.key("facts")
      $0.object {
        $0.member("cgroup", host.facts.cgroup)
        $0.member("hugepageSize", host.facts.hugepageSize?.fieldValue)
        $0.member("hugepages", host.facts.hugepages?.rawValue)
      }
      $0.member("hypervisor", host.hypervisor?.description)
      $0.member("libvirt", host.libvirt?.description)
      $0.key("memory")
      $0.memory(of: host)
      $0.member("name", host.name)
      $0.member("observedAt", host.observedAt)
      $0.member("origin", host.origin.rawValue)
      $0.member("reserve", host.reserve?.fieldValue)
      $0.key("suspended")
      $0.boolean(host.isSuspended)
      $0.member("uri", host.uri?.publishedURI)
      $0.member("uriFrom", host.uriFrom.rawValue)
      $0.member("uuid", host.uuid)
    }
  }

  private mutating func memory(of host: PlannedHost) {
    guard let memory = host.memory else { return null() }
    object {
      $0.member("after", memory.availableAfter.fieldValue)
      $0.member("available", memory.available.fieldValue)
      $0.member("before", memory.available.fieldValue)
      if !memory.courses.isEmpty {
        $0.key("byNode")
        $0.array(memory.courses) { $0.course($1) }
      }
      $0.member("guests", memory.guests?.fieldValue)
      $0.key("nodes")
      $0.array(memory.nodes) { $0.node($1) }
      $0.member("peak", memory.leastAvailable.fieldValue)
      $0.member("reserve", host.reserve?.fieldValue)
      $0.member("total", memory.total?.fieldValue)
    }
  }

  private mutating func course(_ course: NodeCourse) {
    object {
      $0.member("after", course.freeAfter.bytes)
      $0.member("before", course.free.bytes)
      $0.member("node", course.node)
      $0.member("pageSize", course.pageSize?.fieldValue)
      $0.member("peak", course.leastFree.bytes)
    }
  }

  private mutating func node(_ node: HostNode) {
    object {
      $0.member("free", node.free?.fieldValue)
      $0.member("node", node.number)
      $0.key("pages")
      $0.array(node.pools) { json, pool in
        json.object {
          $0.member("free", pool.free.map { .count($0) })
          $0.member("size", pool.size.bytes)
          $0.member("total", pool.total)
        }
      }
      $0.member("total", node.total?.fieldValue)
    }
  }

  /// Writes the domain that is at `index` in `report`.
  mutating func domain(_ domain: DomainPlan, at index: Int, in report: ApplyReport?) {
    object {
      // A caller that removes the steps, as `drift` does, need not clear `basis` and `goalHash`.
      $0.member("basis", domain.steps.isEmpty ? nil : domain.basis)
      $0.key("blockers")
      $0.array(domain.blockers) { $0.blocker($1) }
      $0.key("fields")
      $0.array(domain.fields) { $0.field($1) }
      $0.key("headroom")
      $0.headroom(domain.headroom)
      $0.member("host", domain.host)
      $0.member("name", domain.name)
      $0.member("outcome", domain.steps.isEmpty ? nil : domain.goalHash)
      $0.key("policy")
      $0.object {
        $0.member("disruption", domain.policy.disruption.rawValue)
        $0.key("restart")
        $0.object {
          $0.key("force")
          $0.boolean(domain.policy.restart.force)
          $0.member("timeout", domain.policy.restart.timeoutSeconds)
        }
        $0.member("shrink", domain.policy.shrink.rawValue)
      }
      if let report { $0.result(report.domains[index], of: domain, in: report) }
      $0.member("source", domain.position)
      $0.member("state", domain.state?.rawValue)
      $0.key("steps")
      $0.array(domain.steps) { $0.step($1, in: report) }
      $0.member("uuid", domain.uuid)
      $0.member("verdict", domain.verdict.rawValue)
    }
  }

  private mutating func headroom(_ headroom: Headroom?) {
    guard let headroom else { return null() }
    object {
      $0.member("afterStart", headroom.afterStart.bytes)
      $0.member("balloon", headroom.balloon.bytes)
      $0.key("host")
      $0.supply(headroom.host)
      $0.member("hotplug", headroom.hotplug.bytes)
      $0.key("missing")
      $0.array(headroom.missing.map(\.rawValue))
      $0.member("virtioMem", headroom.virtioMem.bytes)
    }
  }

  private mutating func supply(_ supply: Headroom.Supply?) {
    guard let supply else { return null() }
    object {
      $0.member("memory", supply.memory.bytes)
      $0.member("nodes", supply.nodes?.description)
      $0.member("pageSize", supply.pageSize?.fieldValue)
    }
  }

  /// Writes what the manifests no longer declare.
  mutating func removed(_ removed: RemovedDeclaration) {
    object {
      $0.key("fields")
      if let fields = removed.fields {
        $0.array(fields.map(\.description))
      } else {
        $0.null()
      }
      $0.member("host", removed.host)
      $0.member("name", removed.name)
    }
  }

  private mutating func field(_ field: PlannedField) {
    object {
      $0.member("desired", field.desired)
      $0.member("heldBack", field.heldBack?.rawValue)
      $0.member("live", field.live)
      $0.key("ofThisChange")
      $0.boolean(field.isOfThisChange)
      $0.member("path", field.path.description)
      $0.member("persistent", field.persistent)
      $0.member("source", field.source)
      $0.member("verdict", field.verdict.rawValue)
    }
  }

  private mutating func blocker(_ blocker: Blocker) {
    object {
      $0.member("detail", blocker.detail)
      $0.member("field", blocker.field?.description)
      $0.member("remedy", blocker.remedy)
      $0.member("rule", blocker.rule.name)
      $0.member("summary", blocker.summary)
    }
  }

  private mutating func step(_ step: Step, in report: ApplyReport?) {
    object {
      $0.member("action", step.operation.name)
      // Keys are sorted: `await` and `changes` both come directly after `api`.
      switch step.operation {
      case .call(let call):
        $0.member("api", call.api)
        $0.key("changes")
      case .wait:
        $0.key("api")
        $0.null()
        $0.key(Operation.waitName)
      }
      $0.changes(step.changes)
      $0.member("disruption", step.disruption.rawValue)
      $0.key("flags")
      $0.array(step.operation.flags)
      $0.member("id", step.id)
      $0.key("needs")
      $0.array(step.needs)
      $0.member("plane", step.plane.rawValue)
      $0.member("reason", step.reason)
      if let report {
        $0.key("result")
        $0.result(report.steps[step.id] ?? StepResult(.skipped))
      }
    }
  }
}
