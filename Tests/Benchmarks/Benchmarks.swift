// SPDX-License-Identifier: Apache-2.0

import Foundation
import MemoryModel
import Planner

/// `make bench`: the README's numbers, as ratios within one run.
///
/// Each pair is measured alternately and the median counts, so that the machine's other load
/// affects both.
@main
enum Benchmarks {
  static func main() throws {
    let arguments = CommandLine.arguments
    guard arguments.count == 2 else {
      print("usage: virtmem-bench PATH-OF-VIRTMEM")
      exit(64)
    }
    try size(of: arguments[1])
    try start(of: arguments[1])
    offlinePlan()
  }

  // MARK: - The binary

  private static func size(of binary: String) throws {
    let attributes = try FileManager.default.attributesOfItem(atPath: binary)
    let bytes = (attributes[.size] as? NSNumber)?.doubleValue ?? 0
    report("release binary, stripped, Swift linked in", "\(tenths(bytes / 1e6)) MB")
  }

  private static func start(of binary: String) throws {
    let virsh = "/usr/bin/virsh"
    var own: [Double] = []
    var peer: [Double] = []
    for _ in 0..<41 {
      own.append(try seconds(of: binary))
      peer.append(try seconds(of: virsh))
    }
    let ratio = median(own) / median(peer)
    report(
      "virtmem --version : virsh --version",
      "\(tenths(median(own) * 1000)) ms : \(tenths(median(peer) * 1000)) ms = \(hundredths(ratio))")
  }

  /// The seconds from a process's spawn to its end; Foundation's Process polls.
  private static func seconds(of binary: String) throws -> Double {
    var files = unsafe posix_spawn_file_actions_t()
    unsafe posix_spawn_file_actions_init(&files)
    defer { unsafe posix_spawn_file_actions_destroy(&files) }
    unsafe posix_spawn_file_actions_addopen(&files, 1, "/dev/null", O_WRONLY, 0)
    var arguments = unsafe [strdup(binary), strdup("--version"), nil]
    defer { unsafe arguments.forEach { unsafe free($0) } }
    var process: pid_t = 0
    let start = ContinuousClock.now
    guard unsafe posix_spawn(&process, binary, &files, nil, &arguments, environ) == 0 else {
      throw CocoaError(.executableNotLoadable)
    }
    var status: Int32 = 0
    unsafe waitpid(process, &status, 0)
    return start.duration(to: .now).seconds
  }

  // MARK: - Planning from memory

  private static func offlinePlan() {
    var small: [Double] = []
    var large: [Double] = []
    let (thousand, tenThousand) = (Sample(count: 1000), Sample(count: 10_000))
    for _ in 0..<11 {
      small.append(thousand.secondsToPlan())
      large.append(tenThousand.secondsToPlan())
    }
    report("plan of 10,000 domains from memory", "\(hundredths(median(large))) s")
    report(
      "its cost a domain : that of 1,000",
      hundredths(median(large) / median(small) / 10))
  }

  private static func report(_ name: String, _ figure: String) {
    print(name.padding(toLength: 46, withPad: " ", startingAt: 0) + figure)
  }

  private static func median(_ values: [Double]) -> Double {
    values.sorted()[values.count / 2]
  }

  private static func tenths(_ value: Double) -> String { String(format: "%.1f", value) }

  private static func hundredths(_ value: Double) -> String { String(format: "%.2f", value) }
}

/// A host whose domains all differ from the desired state on both planes.
private struct Sample {
  private let fleet: Fleet
  private let sights: [String: HostObservation]
  private let count: Int

  init(count: Int) {
    self.count = count
    let position = SourcePosition(file: "fleet.yaml", line: 1, column: 1)
    var observed: [ObservedDomain] = []
    var desired: [DesiredDomain] = []
    for number in 0..<count {
      var definition = MemoryConfiguration()
      definition.memory = .gibibytes(8)
      definition.currentMemory = .exactly(.gibibytes(4))
      definition.memballoon.model = .virtio
      let uuid = String(format: "6f1d2c1e-4a55-4b7e-9d7a-%012d", number)
      observed.append(
        ObservedDomain(
          name: "web-\(number)", uuid: uuid, state: .running, isActive: true, isPersistent: true,
          live: definition, persistent: definition))
      var domain = DesiredDomain(name: "web-\(number)", position: position)
      domain.configuration.currentMemory = .exactly(.gibibytes(6))
      domain.configuration.memtune.hardLimit = .size(.gibibytes(12))
      domain.configuration.memtune.swapHardLimit = .size(.gibibytes(16))
      domain.configuration.memballoon.statsPeriod = StatisticsPeriod(seconds: 10)
      desired.append(domain)
    }
    fleet = Fleet(DesiredState(domains: desired))
    let host = ObservedHost(
      uuid: "host", uri: "qemu:///system", driver: .qemu, libvirt: Version(9, 0, 0),
      hypervisor: HypervisorRelease("QEMU 7.2.22"), domains: observed)
    sights = ["default": .observed(host)]
  }

  func secondsToPlan() -> Double {
    let start = ContinuousClock.now
    let plan = fleet.plan(sights)
    precondition(plan.steps.count == 6 * count, "every domain has its six steps")
    return start.duration(to: .now).seconds
  }
}

extension Duration {
  fileprivate var seconds: Double {
    Double(components.seconds) + Double(components.attoseconds) / 1e18
  }
}
