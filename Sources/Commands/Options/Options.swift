// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Documents
import MemoryModel
import Report

/// The paths of the manifests.
struct ManifestOptions: ParsableArguments {
  @Argument(
    help: ArgumentHelp(
      "A manifest, a folder with manifests (*.yaml, *.yml), or - for standard input.",
      valueName: "path"),
    completion: .file(extensions: ["yaml", "yml"]))
  var paths: [String]
}

/// How virtmem connects to the hosts.
struct ConnectionOptions: ParsableArguments {
  @Option(
    name: [.customShort("c"), .customLong("connect")],
    help: ArgumentHelp(
      """
      The libvirt URI, as virsh takes it, for manifests without Hosts. Default: libvirt's own, \
      such as qemu:///system for root.
      """, valueName: "URI"))
  var uri: String?

  @Option(
    help: ArgumentHelp(
      "How long a host may take for its first answer, such as 10s or 2m. Default: 10s.",
      valueName: "10s"),
    transform: { try DurationArgument(from: $0) })
  var connectTimeout = DurationArgument(seconds: 10)

  @Option(
    help: ArgumentHelp(
      """
      How long one call may take, and how long a guest may make no progress. Default: 60s.
      """,
      valueName: "60s"),
    transform: { try DurationArgument(from: $0) })
  var timeout = DurationArgument(seconds: 60)

  /// The URI for manifests without Hosts, also if the environment names it; nil for libvirt's own
  /// default.
  func target(in environment: Environment) -> String? {
    uri ?? environment.variable("LIBVIRT_DEFAULT_URI")
  }

  func validate() throws {
    if uri?.isEmpty == true {
      throw ValidationError("--connect takes a URI, such as qemu:///system.")
    }
  }

  /// The source of the URI, if no Hosts are declared.
  func origin(in environment: Environment) -> URIOrigin {
    if uri != nil { return .option }
    return environment.variable("LIBVIRT_DEFAULT_URI") == nil ? .default : .environment
  }

  /// A request for a connection to the host at `uri`, with the timeouts that the user gave.
  func request(to uri: String?, _ access: Access) -> ConnectionRequest {
    ConnectionRequest(
      uri: uri, access: access, connectTimeout: connectTimeout.duration,
      callTimeout: timeout.duration)
  }
}

/// How the command shows its result.
struct OutputOptions: ParsableArguments {
  enum Color: String, ExpressibleByArgument, CaseIterable {
    case auto
    case always
    case never

    /// The style of a stream, with or without colour.
    func style(on stream: any CommandStream, in environment: Environment) -> Style {
      style(isTerminal: stream.isTerminal, width: stream.width, in: environment)
    }

    /// The style of what a stream or a terminal gets.
    func style(isTerminal: Bool, width: Int?, in environment: Environment) -> Style {
      let usesColor =
        switch self {
        case .always: true
        case .never: false
        case .auto:
          isTerminal && environment.variable("NO_COLOR") == nil
            && environment.variable("TERM") != "dumb"
        }
      return Style(usesColor: usesColor, width: isTerminal ? width : nil)
    }
  }

  @Option(help: ArgumentHelp("The form of the result on standard output.", valueName: "FORM"))
  var format = Format.human

  @Option(
    name: .customLong("report"),
    help: ArgumentHelp(
      """
      Also write the result into a file, such as json=plan.json or junit=report.xml; repeatable. \
      With - as the file, it goes to standard output, and the text to standard error.
      """, valueName: "FORM=FILE"),
    transform: ReportArgument.init(argument:))
  var reports: [ReportArgument] = []

  @Option(
    help: ArgumentHelp(
      "The name of the run in the reports prometheus and markdown (default: the command's).",
      valueName: "NAME"),
    transform: ReportArgument.runName)
  var runName: String?

  @Option(
    help: ArgumentHelp(
      "Whether to use colour; auto: on a terminal, unless NO_COLOR is set.", valueName: "WHEN"))
  var color = Color.auto

  @Flag(
    name: .shortAndLong,
    help: "Say nothing if all is in order, else one line for each domain; no progress.")
  var quiet = false

  @Flag(
    name: .shortAndLong,
    help: "Also show what is in sync, the steps in order, and why rules refuse.")
  var verbose = false

  /// The style of messages on standard error.
  func errorStyle(in environment: Environment) -> Style {
    color.style(on: environment.error, in: environment)
  }

  /// How documents are shown with these options.
  func presentation(
    for reports: [ReportArgument], in environment: Environment
  ) -> Presentation {
    var presentation = Presentation(
      format: format, outputStyle: color.style(on: environment.output, in: environment),
      errorStyle: errorStyle(in: environment), detail: verbose ? .everything : .differences,
      isQuiet: quiet, reports: reports, runName: runName)
    if presentation.hasReportOnOutput { presentation.outputStyle = presentation.errorStyle }
    return presentation
  }

  /// How the user's terminal shows what standard output does not show on it.
  func presentation(onTerminalIn environment: Environment) -> Presentation {
    var presentation = presentation(for: [], in: environment)
    presentation.outputStyle = color.style(
      isTerminal: true, width: environment.terminal?.width, in: environment)
    return presentation
  }
}

extension Disruption: ExpressibleByArgument {}

/// The strongest disruption that a plan may cause, and what counts as a difference.
struct PlanningOptions: ParsableArguments {
  @Option(
    name: .customLong("allow"),
    help: ArgumentHelp(
      "The strongest effect on running guests that this run may have. Default: live.",
      valueName: "EFFECT"))
  var allowed: Disruption?

  var ceiling: Disruption { allowed ?? .live }

  @Flag(help: "End with status 2 also for what waits for a restart.")
  var requireLive = false
}

/// Files with the definitions of one domain, which virtmem reads in place of a connection.
struct OfflineOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The live definition (virsh dumpxml). Alone, it is a transient domain.",
      valueName: "FILE"), completion: .file())
  var liveXml: String?

  @Option(
    help: ArgumentHelp(
      "The persistent definition (virsh dumpxml --inactive). Alone, it is a shut-off domain.",
      valueName: "FILE"), completion: .file())
  var persistentXml: String?

  @Option(
    name: .customLong("libvirt"),
    help: ArgumentHelp("The version of libvirt to plan for, such as 9.0.0.", valueName: "9.0.0"),
    transform: VersionArgument.init(argument:))
  var version: VersionArgument?

  var isUsed: Bool { liveXml != nil || persistentXml != nil }

  func validate() throws {
    if version != nil && !isUsed {
      throw ValidationError("--libvirt goes with --live-xml or --persistent-xml.")
    }
  }
}

/// A duration on the command line: whole seconds, minutes or hours.
struct DurationArgument: CustomStringConvertible {
  let seconds: UInt64

  init(seconds: UInt64) {
    self.seconds = seconds
  }

  /// Reads a duration of at most a million hours.
  ///
  /// - Throws: A `ValidationError` with the form of durations.
  init(from argument: String, allowsZero: Bool = false) throws {
    let range: ClosedRange<UInt64> = (allowsZero ? 0 : 1)...3_600_000_000
    guard let seconds = ManifestDuration.seconds(argument, in: range) else {
      throw ValidationError(Self.mistake(in: argument, allowsZero: allowsZero))
    }
    self.seconds = seconds
  }

  private static func mistake(in argument: String, allowsZero: Bool) -> String {
    let isNumber = !argument.isEmpty && argument.utf8.allSatisfy { (48...57).contains($0) }
    let isZero = Int(isNumber ? argument : String(argument.dropLast())) == 0
    return switch (isNumber, isZero) {
    case (_, true) where !allowsZero: "it is at least 1s; nothing could answer in no time"
    case (true, _): "a duration has a unit: write \(argument)s"
    default: "it takes a duration such as 30s, 10m or 1h\(allowsZero ? " or 0s" : "")"
    }
  }

  var description: String { "\(seconds)s" }

  var duration: Duration { .seconds(seconds) }
}

/// A version of libvirt on the command line.
struct VersionArgument {
  let version: Version

  /// - Throws: A `ValidationError` with the form of versions.
  init(argument: String) throws {
    guard let version = Version(argument) else {
      throw ValidationError("it takes a version such as 9.0.0")
    }
    self.version = version
  }
}
