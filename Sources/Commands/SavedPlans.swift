// SPDX-License-Identifier: Apache-2.0

import Platform
import Applier
import ArgumentParser
import Documents
import LibvirtClient
import MemoryModel
import Planner
import Report

/// Reading a saved plan for a command: one that can be used, or what is wrong and status 65.
enum SavedPlans {
  static func read(_ path: String, _ output: OutputOptions) throws -> SavedPlan {
    do throws(InvalidPlan) {
      return try PlanReader.read(path: path, knowing: Rule.all)
    } catch {
      StandardStream.error.write(
        DiagnosticReport(style: output.style(.error)).text([error.diagnostic]))
      throw ExitStatus.invalid.error
    }
  }

  /// The plan, where it can be applied.
  ///
  /// One made of definitions in files was made for no host, and drift's report has no steps.
  static func readForApplying(_ path: String, _ output: OutputOptions) throws -> Plan {
    let saved = try read(path, output)
    let plan = saved.plan
    switch plan.applicability {
    case .applicable: break
    case .ofDefinitions:
      throw fail(
        """
        \(path) was made from definitions in files (--live-xml, --persistent-xml) and is for \
        reading. Plan on a connection to apply.
        """, .invalid)
    case .report:
      throw fail(
        "\(path) is the report of virtmem \(plan.kind.rawValue), which has no steps to apply. "
          + "Save a plan with virtmem plan --out.", .invalid)
    }
    announce(saved, output)
    return plan
  }

  /// Says how old a plan is, and which it is.
  static func announce(_ saved: SavedPlan, _ output: OutputOptions) {
    guard output.format == .human, !output.quiet else { return }
    StandardStream.error.write("Planned at \(saved.created), \(saved.id).\n")
  }

  /// The fleet of a plan; `uri` is another way to the one host that no Host was declared for.
  static func fleet(of plan: Plan, file: String, uri: String?) throws -> Fleet {
    var state = DesiredState(of: plan, file: file)
    if let uri {
      guard state.hosts.allSatisfy({ $0.name == "default" }) else {
        throw ValidationError(
          """
          --connect is for plans without Hosts, and \(file) is for \
          \(state.hosts.map(\.name).joined(separator: ", ")), with URIs of their own.
          """)
      }
      for index in state.hosts.indices {
        state.hosts[index].uri = uri
        state.hosts[index].uriFrom = .option
      }
    }
    return Fleet(state)
  }

  /// Holds that each host that answered is the one that the plan was made for.
  ///
  /// Where a driver tells no UUID, the domains' basis has the host's name in it.
  static func check(_ sights: [String: HostSight], are hosts: [PlannedHost], of file: String) throws
  {
    for host in hosts {
      guard let planned = host.uuid, case .observed(let observed)? = sights[host.name],
        observed.uuid != planned
      else { continue }
      throw fail(
        """
        \(file) is a plan of another host: \(host.name) was \(planned), and \
        \(observed.uri?.publishedURI ?? "the connection") leads to \(observed.uuid ?? "a host without a UUID"). \
        Nothing was done. Look where the URI leads, or plan anew.
        """, .invalid)
    }
  }
}

extension Apply {
  /// Performs a saved plan, and never plans anew before all is done.
  func applySaved(_ file: String) async throws {
    let plan = try SavedPlans.readForApplying(file, output)
    let fleet = try SavedPlans.fleet(of: plan, file: file, uri: connection.uri)
    guard plan.stepCount > 0 else {
      show(plan)
      return try finish(ApplyReport(plan: plan, outcomes: [], closing: plan))
    }
    let session = await FleetSession.open(fleet, .readWrite, connection)
    let sights = await session.observe()
    try SavedPlans.check(sights, are: plan.hosts, of: file)
    for host in fleet.hosts {
      guard case .unobserved(let error)? = sights[host.name], !output.quiet else { continue }
      StandardStream.error.write(
        """
        warning: \(host.name) could not be observed, so its domains are left untouched: \
        \(error.call): \(error.message)

        """)
    }
    // The run's ceiling was one when the plan was made, and is in its policies.
    try await carryOut(plan, sights, session, ceiling: .restart)
  }
}
