// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
  .swiftLanguageMode(.v6), .strictMemorySafety(),
  .enableUpcomingFeature("ExistentialAny"), .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("InternalImportsByDefault"), .treatAllWarnings(as: .error),
]

// The C headers disagree about their own contents without it, in Swift importers too.
let gnu: [CSetting] = [.define("_GNU_SOURCE")]

func module(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
  .target(name: name, dependencies: dependencies, cSettings: gnu, swiftSettings: strict)
}

func tests(_ name: String, _ dependencies: [Target.Dependency], resources: [Resource] = [])
  -> Target
{
  .testTarget(
    name: name, dependencies: dependencies, resources: resources, cSettings: gnu,
    swiftSettings: strict)
}

let package = Package(
  name: "keepalived",
  targets: [
    // Pure: no Glibc, no unsafe code, no clock.
    module("Primitives"),
    module("Wire", ["Primitives"]),
    module("ConfigurationSyntax", ["Primitives"]),
    module("Configuration", ["ConfigurationSyntax", "Primitives"]),
    module("VRRP", ["Primitives", "Wire"]),
    tests("PrimitivesTests", ["Primitives"]),
    tests("ConfigurationTests", ["Configuration", "ConfigurationSyntax", "Primitives"]),
    tests("ConfigurationSyntaxTests", ["ConfigurationSyntax", "Primitives"]),
  ])
