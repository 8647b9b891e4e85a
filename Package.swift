// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
  .swiftLanguageMode(.v6), .strictMemorySafety(),
  .enableUpcomingFeature("ExistentialAny"), .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("InternalImportsByDefault"), .treatAllWarnings(as: .error),
]

// The C headers disagree about their own contents without it, in Swift importers too.
let gnu: [CSetting] = [.define("_GNU_SOURCE")]

// One call of a searching method of strings links the engine of regular expressions: a megabyte.
// A section for each function: the linker leaves out what nobody calls, and puts what is needed
// all the time side by side (Benchmarks/steady_functions.py).
let lean: [SwiftSetting] = [
  .unsafeFlags(["-Xfrontend", "-disable-implicit-string-processing-module-import"]),
  .unsafeFlags(["-Xfrontend", "-function-sections"], .when(configuration: .release)),
]

let steadyFunctions = "steady-functions.txt"

func module(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
  .target(name: name, dependencies: dependencies, cSettings: gnu, swiftSettings: strict + lean)
}

func tests(
  _ name: String, _ dependencies: [Target.Dependency], exclude: [String] = [],
  resources: [Resource] = []
) -> Target {
  .testTarget(
    name: name, dependencies: dependencies, exclude: exclude, resources: resources,
    cSettings: gnu, swiftSettings: strict)
}

let package = Package(
  name: "keepalived",
  products: [
    .executable(name: "keepalived", targets: ["keepalived"]),
    .executable(name: "genhash", targets: ["GenhashTool"]),
  ],
  targets: [
    // Pure: no Glibc, no unsafe code, no clock.
    module("Primitives"),
    module("Wire", ["Primitives"]),
    module("CommandLineOptions"),
    module("ConfigurationSyntax", ["Primitives"]),
    module("IPVS", ["Primitives"]),
    module("Configuration", ["ConfigurationSyntax", "IPVS", "Primitives"]),
    module("VirtualServices", ["Configuration", "IPVS", "Primitives"]),
    module("VRRP", ["Primitives", "Wire"]),
    module("BFD", ["Primitives", "Wire"]),
    module("HealthChecking", ["Configuration", "IPVS", "Primitives"]),
    module("Introspection", ["BFD", "Configuration", "Primitives", "Wire"]),
    // System calls and C libraries: the only targets with unsafe code.
    .target(name: "CLinux", cSettings: gnu),
    .systemLibrary(name: "CNetlink", pkgConfig: "libnl-3.0", providers: [.apt(["libnl-3-dev"])]),
    .target(name: "COpenSSL", cSettings: gnu),
    .target(name: "CPCRE2", cSettings: gnu),
    module("SystemIO", ["CLinux", "COpenSSL", "CPCRE2", "Primitives"]),
    module("Kernel", ["CLinux", "CNetlink", "IPVS", "Primitives", "SystemIO"]),
    module("EventLoop", ["Primitives", "SystemIO"]),
    module("Logging", ["Primitives", "SystemIO"]),
    module("Notification", ["EventLoop", "Logging", "Primitives", "SystemIO"]),
    module("Host", ["Configuration", "ConfigurationSyntax", "Kernel", "Primitives", "SystemIO"]),
    module("Exchanges", ["EventLoop", "Logging", "Primitives", "SystemIO", "Wire"]),
    module(
      "Genhash",
      ["CommandLineOptions", "EventLoop", "Exchanges", "Logging", "Primitives", "SystemIO"]),
    module(
      "ProcessFrame",
      [
        "Configuration", "ConfigurationSyntax", "EventLoop", "Host", "Introspection", "Kernel",
        "Logging",
        "Notification", "Primitives", "SystemIO",
      ]),
    module(
      "VRRPProcess",
      [
        "CLinux", "ProcessFrame", "Configuration", "ConfigurationSyntax", "EventLoop", "Host",
        "IPVS",
        "Kernel", "Logging", "Notification", "Primitives", "SystemIO", "VRRP", "VirtualServices",
        "Wire",
      ]),
    module(
      "CheckerProcess",
      [
        "Configuration", "EventLoop", "Exchanges", "HealthChecking", "Host",
        "IPVS", "Kernel", "Logging", "Notification", "Primitives", "ProcessFrame", "SystemIO",
        "VirtualServices", "Wire",
      ]),
    module(
      "BFDProcess",
      [
        "BFD", "CLinux", "Configuration", "EventLoop", "Introspection", "Kernel", "Logging",
        "Primitives", "ProcessFrame", "SystemIO", "Wire",
      ]),
    module(
      "Watchdog",
      [
        "CommandLineOptions", "Configuration", "ConfigurationSyntax", "EventLoop", "Host",
        "Introspection", "Kernel", "Logging", "Notification", "Primitives", "ProcessFrame",
        "SystemIO",
      ]),
    .executableTarget(
      name: "keepalived",
      dependencies: [
        "BFDProcess", "CheckerProcess", "Genhash", "ProcessFrame", "SystemIO", "VRRPProcess",
        "Watchdog",
      ],
      exclude: [steadyFunctions], cSettings: gnu, swiftSettings: strict,
      linkerSettings: [
        .unsafeFlags([
          "-static-stdlib", "-use-ld=lld", "-Xlinker", "--no-warn-symbol-ordering", "-Xlinker",
          "--symbol-ordering-file=\(Context.packageDirectory)/Sources/keepalived/\(steadyFunctions)",
        ])
      ]),
    .executableTarget(
      name: "GenhashTool", dependencies: ["Genhash", "SystemIO"], path: "Sources/genhash-tool",
      cSettings: gnu, swiftSettings: strict,
      linkerSettings: [.unsafeFlags(["-static-stdlib"])]),
    tests("CommandLineOptionsTests", ["CommandLineOptions"]),
    tests("PrimitivesTests", ["Primitives"]),
    tests(
      "IntrospectionTests",
      ["BFD", "ProcessFrame", "Configuration", "Introspection", "Primitives"]),
    tests("ConfigurationTests", ["Configuration", "ConfigurationSyntax", "IPVS", "Primitives"]),
    tests("ConfigurationSyntaxTests", ["ConfigurationSyntax", "Primitives"]),
    module(
      "Simulation",
      ["BFD", "Configuration", "HealthChecking", "IPVS", "Primitives", "VRRP", "Wire"]),
    tests("WireTests", ["Wire", "Primitives", "VRRPTestSupport", "BFDTestSupport"]),
    tests(
      "VRRPTests", ["VRRP", "Wire", "Primitives", "VRRPTestSupport"], exclude: ["StateTable.txt"]),
    tests(
      "BFDTests", ["BFD", "Wire", "Primitives", "BFDTestSupport"], exclude: ["StateTable.txt"]),
    tests("HealthCheckingTests", ["Configuration", "HealthChecking", "IPVS", "Primitives"]),
    tests("SimulationTests", ["Primitives", "Simulation"]),
    tests("EventLoopTests", ["EventLoop", "Primitives", "SystemIO", "SystemTestSupport"]),
    tests("IPVSTests", ["IPVS", "Primitives"]),
    tests("VirtualServicesTests", ["Configuration", "IPVS", "Primitives", "VirtualServices"]),
    tests("SystemIOTests", ["CLinux", "Primitives", "SystemIO", "SystemTestSupport"]),
    tests(
      "KernelTests",
      ["CLinux", "IPVS", "Kernel", "Primitives", "SystemIO", "SystemTestSupport"]),
    tests("LoggingTests", ["CLinux", "Logging", "Primitives", "SystemIO", "SystemTestSupport"]),
    tests(
      "NotificationTests",
      [
        "CLinux", "EventLoop", "Logging", "Notification", "Primitives", "SystemIO",
        "SystemTestSupport",
      ]),
    tests(
      "HostTests",
      [
        "Configuration", "ConfigurationSyntax", "Host", "Kernel", "Primitives", "SystemIO",
        "SystemTestSupport",
      ]),
    tests(
      "WatchdogTests",
      ["ConfigurationSyntax", "ProcessFrame", "Logging", "Primitives", "Watchdog"]),
    tests(
      "VRRPProcessTests",
      [
        "Configuration", "ConfigurationSyntax", "EventLoop", "Host", "IPVS", "Kernel", "Logging",
        "Notification",
        "Primitives", "ProcessFrame", "ProcessTestSupport", "SystemIO", "SystemTestSupport", "VRRP",
        "VRRPProcess", "Wire",
      ]),
    tests(
      "CheckerProcessTests",
      [
        "CLinux", "CheckerProcess", "Configuration", "EventLoop", "HealthChecking", "IPVS",
        "Kernel", "Logging", "Notification", "Primitives", "ProcessFrame", "SystemIO",
        "SystemTestSupport",
      ]),
    tests("GenhashTests", ["Exchanges", "Genhash", "Primitives"]),
    tests("TidyTests", ["Configuration", "SystemIO"]),
    .target(
      name: "SystemTestSupport",
      dependencies: ["CLinux", "Kernel", "Logging", "SystemIO"],
      path: "Tests/SystemTestSupport", cSettings: gnu, swiftSettings: strict),
    .target(
      name: "ProcessTestSupport",
      dependencies: [
        "Configuration", "ConfigurationSyntax", "EventLoop", "Host", "Kernel", "Primitives",
        "ProcessFrame",
        "SystemIO", "SystemTestSupport",
      ],
      path: "Tests/ProcessTestSupport", cSettings: gnu, swiftSettings: strict),
    tests(
      "ProcessFrameTests",
      [
        "Configuration", "EventLoop", "Kernel", "Logging", "Notification", "Primitives",
        "ProcessFrame", "ProcessTestSupport", "SystemIO", "SystemTestSupport",
      ]),
    tests(
      "BFDProcessTests",
      [
        "BFD", "BFDProcess", "Configuration", "EventLoop", "Primitives", "ProcessFrame",
        "ProcessTestSupport", "SystemIO", "SystemTestSupport",
      ]),
    .target(
      name: "VRRPTestSupport", dependencies: ["VRRP"], path: "Tests/VRRPTestSupport",
      swiftSettings: strict),
    .target(name: "BFDTestSupport", path: "Tests/BFDTestSupport", swiftSettings: strict),
  ])
