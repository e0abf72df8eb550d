// SPDX-License-Identifier: Apache-2.0

import Applier
import ArgumentParser
import Documents
import MemoryModel
import Planner
import Platform
import Report

/// `virtmem apply`: performs a plan and verifies its effect.
struct Apply: ReportingCommand {
  static let configuration = CommandConfiguration(
    abstract: "Plan, show the plan, ask, make the changes and verify them.",
    discussion: """
      virtmem verifies each step, because libvirt accepts calls that have no effect. Domains are \
      changed at the same time. A domain stops at its first failure; the other domains go on, \
      unless --max-failures or --deadline ends the run earlier. A second apply of the same \
      manifests changes nothing.

      With --plan, virtmem performs the steps of a saved plan and plans nothing anew. It leaves a \
      domain that has changed since then as it is (status 4), and refuses a file that was edited or \
      is for another host (status 65).

      Examples:
        virtmem apply fleet/
        virtmem apply fleet/ --auto-approve --format json
        virtmem apply --plan plan.json

      Exit status: 0 done and verified, or nothing to do; 1 a step failed; 2 not approved; \
      3 something is blocked, the rest is done; 4 something changed since it was planned; \
      5 something could not be observed; 64 usage; 65 invalid input; 130 and 143 interrupted.
      """)

  @OptionGroup var subject: ApplySubject
  @OptionGroup(title: "Which host") var connection: ConnectionOptions
  @OptionGroup(title: "Which domains") var selection: SelectionOptions
  @OptionGroup(title: "Which domains") var changes: ChangeOptions
  @OptionGroup(title: "What may happen, and the status") var planning: PlanningOptions
  @OptionGroup(title: "What may happen, and the status") var tolerance: ToleranceOptions
  @OptionGroup(title: "How fast, and how far") var brakes: BrakeOptions
  @OptionGroup(title: "What is recorded") var record: RecordOptions
  @OptionGroup(title: "What is shown") var output: OutputOptions

  @Flag(help: "Do not ask before the first step.")
  var autoApprove = false

  var shard: Shard? { selection.shard }

  var inputs: [String] { subject.paths + [subject.plan, changes.old].compactMap(\.self) }

  func validate() throws {
    if subject.plan != nil {
      let excluded = [
        ("--allow", planning.allowed != nil), ("--domain", !selection.domains.isEmpty),
        ("--selector", !selection.selectors.isEmpty), ("--shard", selection.shard != nil),
        ("--changed-from", changes.old != nil),
      ]
      if let option = excluded.first(where: \.1) {
        throw ValidationError(
          "\(option.0) is for planning, and --plan performs a plan as it was made.")
      }
    }
  }

  func run(in environment: Environment) async throws -> ExitStatus {
    if let plan = subject.plan { return try await applySaved(plan, in: environment) }
    let declared = try Manifests.read(
      paths: subject.paths, output.errorStyle(in: environment), connection,
      needsHosts: selection.shard != nil, in: environment)
    let narrowed = try changes.narrowed(
      declared, from: subject.paths, output, in: environment)
    let fleet = try Manifests.fleet(
      narrowed, connection, selection, isQuiet: output.quiet, in: environment)
    let audit = try readyToPerform(in: environment)
    let session = await FleetSession.open(
      fleet, .readWrite, connection, isQuiet: output.quiet, in: environment)
    let early = EarlyPlans(for: fleet, ceiling: planning.ceiling)
    let observations = await session.observe(planning: early)
    var plan = fleet.plan(
      observations, ceiling: planning.ceiling, today: environment.today, early: early)
    narrowed.record(in: &plan, observations, where: selection.selection.selects)
    plan.note = record.note.note(in: environment)
    plan.sort()
    let run = Execution(
      plan: plan, note: plan.note, audit: audit, observations: observations, session: session,
      ceiling: planning.ceiling)
    return await carryOut(run, in: environment)
  }

  /// Checks, after the input was found valid and before the first connection, that a user can
  /// approve, and opens the audit.
  ///
  /// The input may come from standard input; virtmem asks on the controlling terminal.
  func readyToPerform(in environment: Environment) throws -> AppendedFile? {
    if !autoApprove && environment.terminal == nil {
      throw ValidationError(
        "There is no terminal to ask on: give --auto-approve to apply without a question.")
    }
    return try record.openAudit()
  }

  /// A plan that is about to be performed on the hosts that it was made for.
  struct Execution {
    let plan: Plan
    /// The note of this run; the plan may have been made by another run with another note.
    let note: String?
    let audit: AppendedFile?
    let observations: [String: HostObservation]
    let session: FleetSession
    /// The strongest effect that the closing plan may have.
    let ceiling: Disruption
  }

  /// Shows a plan, asks the user, performs the plan, and verifies the result.
  func carryOut(_ run: Execution, in environment: Environment) async -> ExitStatus {
    let plan = run.plan
    guard plan.stepCount > 0 else { return showUnchanged(plan, in: environment) }
    environment.show(.proposal(plan), as: presentation(in: environment))
    guard autoApprove || isApproved(plan, in: environment) else {
      return showRefused(plan, in: environment)
    }
    environment.deferSignals()
    let audit = run.audit.map { file in
      AuditLog(
        file,
        of: AuditedRun(
          id: environment.runner.runID, note: run.note, user: environment.runner.user,
          plan: PlanDocument.id(of: plan)),
        timestamp: environment.timestamp)
    }
    let brakes = brakes.brakes(
      for: plan, interruption: SignalInterruption(environment: environment), in: environment)
    let patience = min(
      record.lockTimeout.duration, self.brakes.deadline?.duration ?? record.lockTimeout.duration)
    let locks = await HostLocks(
      of: run, timeout: patience, isQuiet: output.quiet, in: environment)
    let results = await perform(run, locks, brakes, audit, in: environment)
    let early = EarlyPlans(for: run.session.fleet, ceiling: run.ceiling)
    let closing = run.session.fleet.plan(
      await run.session.observe(isPatient: false, planning: early), ceiling: run.ceiling,
      early: early)
    // The locks are held until here, so that no other apply changes what this one verifies.
    withExtendedLifetime(locks) {}
    let report = ApplyReport(plan: tolerating(plan), results: results, closing: closing)
    let loss = audit?.loss
    let status = show(report, and: loss == nil ? [] : [.failed], in: environment)
    showNext(after: report, in: environment)
    if let loss {
      environment.error.write("error: the audit lacks the result of a change: \(loss)\n")
    }
    return status
  }

  /// Shows a plan without steps and its report.
  func showUnchanged(_ plan: Plan, in environment: Environment) -> ExitStatus {
    environment.show(.proposal(plan), as: presentation(in: environment))
    return show(ApplyReport(plan: tolerating(plan), results: [], closing: plan), in: environment)
  }

  /// Writes the reports of a plan that the user did not approve.
  private func showRefused(_ plan: Plan, in environment: Environment) -> ExitStatus {
    let domains = plan.domains.map { domain in
      DomainResult(domain.steps.isEmpty ? .done : .skipped, observed: domain.verdict)
    }
    let report = ApplyReport(plan: tolerating(plan), domains: domains, closing: plan)
    let lost = environment.show(
      .refusedProposal(report), as: presentation(in: environment), endingWith: .differences)
    return ExitStatus.of(lost.union([.differences]))
  }

  /// The plan for the report of this run, which may tolerate more or less than the one that planned.
  private func tolerating(_ plan: Plan) -> Plan {
    var plan = plan
    plan.tolerated = tolerance.verdicts
    return plan
  }

  /// Says which command goes on with what the run has left.
  private func showNext(after report: ApplyReport, in environment: Environment) {
    guard !output.quiet, output.format == .human, let next = NextCommand(after: self, report) else {
      return
    }
    let isOnError = presentation(in: environment).hasReportOnOutput
    (isOnError ? environment.error : environment.output).write(next.text)
  }

  /// Asks the user on the terminal, which also gets the plan if standard output is elsewhere.
  private func isApproved(_ plan: Plan, in environment: Environment) -> Bool {
    guard let terminal = environment.terminal else { return false }
    let presentation = presentation(in: environment)
    let stream = presentation.hasReportOnOutput ? environment.error : environment.output
    if output.format != .human || output.quiet || !stream.isTerminal {
      terminal.write(output.presentation(onTerminalIn: environment).text(plan))
    }
    terminal.write(ApprovalQuestion(about: plan).text(width: terminal.width))
    environment.announceWait("virtmem waited for an answer")
    defer { environment.announceWait(nil) }
    let answer = terminal.readLine()
    if answer == "yes" { return true }
    if answer == nil { terminal.write("\n") }
    terminal.write("Nothing was done.\n")
    return false
  }

  /// Performs the steps of each host whose lock was taken.
  private func perform(
    _ run: Execution, _ locks: HostLocks, _ brakes: Brakes, _ audit: AuditLog?,
    in environment: Environment
  ) async -> [ApplyResult] {
    let progress = Progress(
      stepCount: run.plan.stepCount, style: output.errorStyle(in: environment),
      isShown: !output.quiet, on: environment.error)
    let hosts = run.session.fleet.hosts.map(\.name)
    let domainsByHost = Dictionary(grouping: run.plan.domains) { $0.host }
    return await FleetSession.concurrently(hosts, atOnce: self.brakes.parallelHosts.value) { host in
      let domains = domainsByHost[host] ?? []
      if case .unobserved(let error)? = run.observations[host] {
        return ApplyResult(leaving: domains, .skipped, because: .call(error))
      }
      if let failure = locks.failures[host] {
        return ApplyResult(leaving: domains, .failed, because: failure)
      }
      guard case .observed(let observed)? = run.observations[host],
        let connection = run.session.connection(to: host)
      else { return ApplyResult() }
      let planned = run.plan.hosts.first { $0.name == host }
      let applier = HostApplier(
        host: observed, hypervisor: connection,
        effectTimeout: self.connection.timeout.duration, width: self.brakes.parallel.value,
        reserve: planned?.reserve, facts: planned?.facts ?? DeclaredFacts(),
        recorder: RunRecorder(progress: progress, audit: audit), brakes: brakes,
        clock: environment.clock)
      return await applier.apply(domains)
    }
  }

  /// Shows the report of a run and returns its status; `others` are statuses that the report does
  /// not tell.
  private func show(
    _ report: ApplyReport, and others: Set<ExitStatus> = [], in environment: Environment
  ) -> ExitStatus {
    let statuses = statuses(report, in: environment).union(others)
    let lost = environment.show(
      .applyReport(report), as: presentation(in: environment),
      endingWith: tolerance.status(of: statuses))
    return tolerance.status(of: statuses.union(lost))
  }

  private func statuses(
    _ report: ApplyReport, in environment: Environment
  ) -> Set<ExitStatus> {
    var statuses = ExitStatus.of(report.plan).union(ExitStatus.of(report.closing))
      .union(ExitStatus.of(report.domains))
    if planning.requireLive && report.closing.hasPendingRestart {
      statuses.insert(.differences)
    }
    if let signal = environment.deferredSignal() {
      statuses.insert(ExitStatus(rawValue: 128 + signal) ?? .interrupted)
    }
    return statuses
  }
}

/// The input of `apply`: manifests, or a saved plan.
struct ApplySubject: ParsableArguments {
  @Argument(
    help: ArgumentHelp(
      "A manifest, a folder with manifests (*.yaml, *.yml), or - for standard input.",
      valueName: "path"),
    completion: .file(extensions: ["yaml", "yml"]))
  var paths: [String] = []

  @Option(
    help: ArgumentHelp(
      "Perform this saved plan, or - for standard input, in place of manifests.",
      valueName: "FILE"), completion: .file(extensions: ["json"]))
  var plan: String?

  func validate() throws {
    if plan == nil && paths.isEmpty {
      throw ValidationError("Give a path with manifests, or a saved plan with --plan.")
    }
    if plan != nil && !paths.isEmpty {
      throw ValidationError("Manifests and --plan exclude each other: give one of the two.")
    }
  }
}

/// A run that SIGINT or SIGTERM interrupts.
private struct SignalInterruption: Interruption {
  let environment: Environment

  var isRequested: Bool { environment.deferredSignal() != nil }
}
