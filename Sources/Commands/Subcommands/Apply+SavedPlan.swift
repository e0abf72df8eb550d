// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Documents
import MemoryModel
import Planner
import Platform
import Report

/// Reads saved plans for a command.
enum SavedPlans {
  /// The plan in the file at `path`.
  static func read(_ path: String) throws -> SavedPlan {
    do throws(InvalidPlan) {
      return try PlanReader.read(path: path, knowing: Rule.all)
    } catch {
      throw Failure(invalid: [error.diagnostic])
    }
  }

  /// The plans in the files at `paths` as one.
  static func joined(_ paths: [String]) throws -> SavedPlan {
    guard paths.count(where: { $0 == "-" }) < 2 else {
      throw ValidationError("Standard input is one document: give - once.")
    }
    let documents = try paths.map { (file: $0, saved: try read($0)) }
    guard documents.count > 1 else { return documents[0].saved }
    do throws(InvalidPlan) {
      return try JoinedPlans.join(documents)
    } catch {
      throw Failure(invalid: [error.diagnostic])
    }
  }

  /// The plan in the file at `path`; throws if `apply` can't perform it.
  static func readForApplying(_ path: String) throws -> SavedPlan {
    let saved = try read(path)
    let plan = saved.plan
    guard saved.id != nil else {
      throw Failure(
        invalid: "this joins several documents, so it is for reading",
        remedy: "Apply each of them with virtmem apply --plan FILE.", at: .start(of: path))
    }
    switch plan.applicability {
    case .applicable: return saved
    case .ofDefinitions:
      throw Failure(
        invalid: """
          the plan was made from definitions in files (--live-xml, --persistent-xml), so it is for \
          reading
          """, remedy: "Plan on a connection to apply.", at: .start(of: path))
    case .report:
      throw Failure(
        invalid: """
          this is the report of \(plan.kind == .apply ? "an apply" : "virtmem \(plan.kind.rawValue)"): \
          it says what was found or done, not what to do
          """, remedy: "Save a plan with virtmem plan --out.", at: .start(of: path))
    }
  }

  /// The fleet of a plan; `uri` replaces the URI of the host of a plan without declared Hosts.
  static func fleet(of plan: Plan, file: String, uri: String?) throws -> Fleet {
    var state = DesiredState(of: plan, file: file)
    if let uri {
      guard state.hosts.allSatisfy({ $0.name == DesiredHost.implicitName }) else {
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

  /// Checks that each observed host is the host that the plan was made for.
  ///
  /// A driver may report no UUID for its host; the basis of each domain then has the host's name.
  static func check(
    _ observations: [String: HostObservation], are hosts: [PlannedHost], of file: String
  ) throws {
    for host in hosts {
      guard let planned = host.uuid, case .observed(let observed)? = observations[host.name],
        observed.uuid != planned
      else { continue }
      throw Failure(
        invalid: """
          this is a plan of another host: \(host.name) was \(planned), and \
          \(observed.uri?.publishedURI ?? "the connection") leads to \
          \(observed.uuid ?? "a host without a UUID")
          """, detail: "Nothing was done.",
        remedy: "Look where the URI leads, or plan anew.", at: .start(of: file))
    }
  }
}

extension Apply {
  /// Performs a saved plan; virtmem plans the hosts again only after the last step.
  func applySaved(
    _ file: String, in environment: Environment
  ) async throws -> ExitStatus {
    let saved = try SavedPlans.readForApplying(file)
    let plan = saved.plan
    let fleet = try SavedPlans.fleet(of: plan, file: file, uri: connection.uri)
    let audit = try readyToPerform(in: environment)
    environment.show(.savedPlanHeader(saved), as: presentation(in: environment))
    guard plan.stepCount > 0 else { return showUnchanged(plan, in: environment) }
    let session = await FleetSession.open(
      fleet, .readWrite, connection, isQuiet: output.quiet, in: environment)
    let observations = await session.observe()
    try SavedPlans.check(observations, are: plan.hosts, of: file)
    for host in fleet.hosts {
      guard case .unobserved(let error)? = observations[host.name], !output.quiet else { continue }
      // The saved plan says the same already of a host that was silent when it was made.
      let wasSilent = plan.diagnostics.contains {
        $0.host == host.name && $0.rule.meaning == .hostUnobserved
      }
      guard !wasSilent else { continue }
      environment.error.write(
        paragraph: """
          warning: \(host.label) could not be observed, so its domains are left untouched: \
          \(error.reason). \(ConnectionRemedy(for: error, uri: host.uri).text)
          """, indent: 2)
    }
    // The plan's policies already include the ceiling of the run that made it.
    let run = Execution(
      plan: plan, note: record.note.note(in: environment) ?? plan.note, audit: audit,
      observations: observations, session: session, ceiling: .restart)
    return await carryOut(run, in: environment)
  }
}
