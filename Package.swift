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

/// A library module and its imports; Tests/ProjectTests holds the same table against the `import` lines.
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
    .executable(name: "virtmem", targets: ["virtmem"]),
    .library(name: "VirtmemPlanning", targets: ["MemoryModel", "LibvirtModel", "Planner"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2")
  ],
  targets: [
    .systemLibrary(name: "CLibvirt", pkgConfig: "libvirt", providers: [.apt(["libvirt-dev"])]),
    .systemLibrary(name: "CLibXML2", pkgConfig: "libxml-2.0", providers: [.apt(["libxml2-dev"])]),
    .systemLibrary(name: "CMalloc"),
    .systemLibrary(name: "CYAML", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),

    module("MemoryModel"),
    module("LibvirtModel", ["MemoryModel"]),
    module("Documents", ["MemoryModel", "CYAML", "CMalloc"]),
    module("DomainXML", ["MemoryModel", "CLibXML2"]),
    module("Planner", ["MemoryModel", "LibvirtModel"]),
    module("LibvirtClient", ["MemoryModel", "DomainXML", "CLibvirt"]),
    module("Applier", ["MemoryModel", "Planner"]),
    module("Report", ["MemoryModel"]),
    .executableTarget(
      name: "virtmem",
      dependencies: [
        "MemoryModel", "LibvirtModel", "Documents", "DomainXML", "Planner", "LibvirtClient",
        "Applier", "Report",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: strict),

    .executableTarget(
      name: "virtmem-bench", dependencies: ["MemoryModel", "Planner"], path: "Tests/Benchmarks",
      exclude: ["fleet", "floor.c", "offline", "parse.c"], swiftSettings: strict),

    tests("MemoryModel", ["MemoryModel"]),
    tests("LibvirtModel", ["LibvirtModel", "MemoryModel"]),
    tests("Documents", ["Documents", "MemoryModel"]),
    tests("DomainXML", ["CLibXML2", "DomainXML", "MemoryModel"]),
    tests("Planner", ["Planner", "Applier", "Documents", "LibvirtModel", "MemoryModel"]),
    tests("Applier", ["Applier", "LibvirtModel", "MemoryModel", "Planner"]),
    tests("Report", ["Report", "MemoryModel"]),
    tests(
      "Project",
      ["Documents", "DomainXML", "LibvirtModel", "MemoryModel", "Planner", "Report"]),
    tests("LibvirtClient", ["LibvirtClient", "MemoryModel", "CLibvirt"]),
    // Its one subject is the built program, run as others run it.
    tests("virtmem", ["virtmem"]),
    .testTarget(
      name: "LabTests",
      dependencies: [
        "Applier", "Documents", "LibvirtClient", "LibvirtModel", "MemoryModel", "Planner",
      ],
      path: "Tests/Lab",
      exclude: ["build-chroot", "build-guest", "keep-libvirtd", "nested", "start-libvirtd"],
      swiftSettings: strict),
    tests(
      "Case", ["MemoryModel", "LibvirtModel", "Planner", "Documents", "DomainXML", "Report"]),
  ],
  swiftLanguageModes: [.v6]
)
