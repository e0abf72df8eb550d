// swift-tools-version: 6.2
// SPDX-License-Identifier: Apache-2.0
import PackageDescription

let strict: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
  .strictMemorySafety(),
  .treatAllWarnings(as: .error),
]

/// A library module and the modules that it may import; the compiler checks that in `make test`.
func module(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
  .target(name: name, dependencies: dependencies, swiftSettings: strict)
}

/// The tests of one module, in `Tests/<Module>Tests`.
func tests(_ name: String, _ dependencies: [Target.Dependency], exclude: [String] = []) -> Target {
  .testTarget(
    name: "\(name)Tests", dependencies: dependencies, exclude: exclude, swiftSettings: strict)
}

let package = Package(
  name: "virtmem",
  products: [
    .executable(name: "virtmem", targets: ["virtmem"])
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2")
  ],
  targets: [
    .systemLibrary(name: "CLibvirt", pkgConfig: "libvirt", providers: [.apt(["libvirt-dev"])]),
    .systemLibrary(name: "CLibXML2", pkgConfig: "libxml-2.0", providers: [.apt(["libxml2-dev"])]),
    .systemLibrary(name: "CGlibc"),
    .systemLibrary(name: "CNettle", pkgConfig: "nettle", providers: [.apt(["nettle-dev"])]),
    .systemLibrary(name: "CYAML", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),

    module("Basics", ["CNettle"]),
    module("MemoryModel"),
    module("LibvirtModel", ["MemoryModel"]),
    module("Platform", ["MemoryModel", "CGlibc"]),
    module("YAML", ["Basics", "MemoryModel", "CYAML"]),
    module("Documents", ["Basics", "MemoryModel", "Platform", "Report", "YAML"]),
    module("DomainXML", ["MemoryModel", "CLibXML2"]),
    module("Planner", ["Basics", "MemoryModel", "LibvirtModel"]),
    module("LibvirtClient", ["Basics", "MemoryModel", "DomainXML", "Platform", "CLibvirt"]),
    module("Applier", ["MemoryModel", "Planner"]),
    module("Report", ["MemoryModel"]),
    module(
      "Commands",
      [
        "Basics", "MemoryModel", "LibvirtModel", "Platform", "YAML", "Documents", "DomainXML",
        "Planner", "LibvirtClient", "Applier", "Report",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),
    .executableTarget(name: "virtmem", dependencies: ["Commands"], swiftSettings: strict),

    .executableTarget(
      name: "virtmem-bench", dependencies: ["MemoryModel", "Planner"], path: "Tests/Benchmarks",
      exclude: [
        "apply", "balloons", "common", "fleet", "floor.c", "links", "offline", "parse.c", "proxy.c",
        "shards", "start-sshd", "writes.c",
      ], swiftSettings: strict),

    // What tests of several modules share: simulations, generators, random scenes.
    .target(
      name: "TestSupport", dependencies: ["Applier", "LibvirtModel", "MemoryModel", "Planner"],
      path: "Tests/Support", swiftSettings: strict),
    // Whole runs in simulated time: the tests and the program both use the library.
    .target(
      name: "Simulation",
      dependencies: [
        "Applier", "Commands", "Documents", "LibvirtModel", "MemoryModel", "Planner", "Platform",
        "TestSupport", "YAML",
      ], path: "Tests/Simulation/Library", swiftSettings: strict),
    .executableTarget(
      name: "virtmem-simulation", dependencies: ["Simulation"], path: "Tests/Simulation/Program",
      swiftSettings: strict),
    tests("Simulation", ["Basics", "Simulation"]),
    tests("Basics", ["Basics"]),
    tests("MemoryModel", ["MemoryModel"]),
    tests("LibvirtModel", ["LibvirtModel", "MemoryModel", "TestSupport"]),
    tests("Platform", ["Platform", "MemoryModel"]),
    tests("YAML", ["YAML", "MemoryModel", "TestSupport"]),
    tests(
      "Documents",
      ["Basics", "Documents", "MemoryModel", "Platform", "Report", "TestSupport", "YAML"]),
    tests("DomainXML", ["CLibXML2", "DomainXML", "MemoryModel", "TestSupport"]),
    tests(
      "Planner",
      [
        "Planner", "Applier", "Basics", "Documents", "LibvirtModel", "MemoryModel", "TestSupport",
        "YAML",
      ]),
    tests(
      "Applier", ["Applier", "LibvirtModel", "MemoryModel", "Planner", "Report", "TestSupport"]),
    tests("Report", ["Report", "MemoryModel", "TestSupport"]),
    tests(
      "Project",
      [
        "Commands", "Documents", "DomainXML", "LibvirtModel", "MemoryModel", "Planner", "Report",
        "YAML",
      ]),
    tests("Commands", ["Commands", "MemoryModel", "Platform", "TestSupport"]),
    tests("LibvirtClient", ["LibvirtClient", "MemoryModel", "CLibvirt"]),
    // Its one subject is the built program, run as others run it.
    tests("virtmem", ["TestSupport", "virtmem", "YAML"]),
    .testTarget(
      name: "LabTests",
      dependencies: [
        "Applier", "Documents", "LibvirtClient", "LibvirtModel", "MemoryModel", "Planner",
        "Platform", "TestSupport", "YAML",
      ],
      path: "Tests/Lab",
      exclude: ["build-chroot", "build-guest", "keep-libvirtd", "nested", "start-libvirtd"],
      swiftSettings: strict),
    tests(
      "Case",
      [
        "MemoryModel", "LibvirtModel", "Planner", "Documents", "DomainXML", "Report",
        "TestSupport", "YAML",
      ]),
  ],
  swiftLanguageModes: [.v6]
)
