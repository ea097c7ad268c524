// swift-tools-version:6.2
import CompilerPluginSupport
import PackageDescription

let strict: [SwiftSetting] = [
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("InternalImportsByDefault"),
]

extension Target.Dependency {
  /// A product of another package that takes part only where the trait `Server` is on: a package that
  /// no target needs is not even fetched.
  static func server(_ name: String, _ package: String) -> Target.Dependency {
    .product(name: name, package: package, condition: .when(traits: ["Server"]))
  }

  /// A product of swift-syntax, which takes part only where the trait `Macros` is on.
  static func syntax(_ name: String) -> Target.Dependency {
    .product(name: name, package: "swift-syntax", condition: .when(traits: ["Macros"]))
  }
}

/// Which MPI the trait `MPI` builds for, as pkg-config names it: the system's usual one, `ompi-c` or `mpich`.
let mpi = Context.environment["APUS_MPI"] ?? "mpi"

let package = Package(
  name: "apus",
  platforms: [.macOS(.v15)],
  products: [
    .library(name: "GPTModel", targets: ["GPTModel"]),
    .library(name: "ApusKit", targets: ["ApusKit"]),
    .library(name: "ApusTesting", targets: ["ApusTesting"]),
    .library(name: "InferenceServer", targets: ["InferenceServer"]),
    .library(name: "EngineMetrics", targets: ["EngineMetrics"]),
    .executable(name: "apus", targets: ["apus"]),
  ],
  traits: [
    .default(enabledTraits: ["Server"]),
    .trait(name: "Server", description: "The server, the command and the metrics, over HTTP."),
    .trait(name: "Macros", description: "@Generable and @Guide, which build swift-syntax."),
    .trait(name: "MPI", description: "Training on several processes and machines, over MPI."),
  ],
  dependencies: [
    .package(
      url: "https://github.com/HdrHistogram/hdrhistogram-swift.git",
      .upToNextMinor(from: "0.2.0")),
    .package(url: "https://github.com/apple/swift-argument-parser.git", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-collections.git", from: "1.6.0"),
    .package(url: "https://github.com/apple/swift-http-types.git", from: "1.8.0"),
    .package(url: "https://github.com/apple/swift-log.git", from: "1.16.2"),
    .package(url: "https://github.com/apple/swift-metrics.git", from: "2.13.0"),
    .package(url: "https://github.com/apple/swift-nio.git", from: "2.101.2"),
    .package(url: "https://github.com/apple/swift-nio-extras.git", from: "1.34.1"),
    .package(url: "https://github.com/apple/swift-nio-ssl.git", from: "2.37.2"),
    .package(
      url: "https://github.com/hummingbird-project/hummingbird.git", from: "2.28.1", traits: []),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle.git", from: "2.13.0"),
    // Its major versions follow those of the compiler; a host may be bound to any of these.
    .package(url: "https://github.com/swiftlang/swift-syntax.git", "600.0.1"..<"604.0.0"),
  ],
  targets: [
    .systemLibrary(name: "CBLAS", providers: [.apt(["libblas-dev"])]),
    .systemLibrary(
      name: "CNGHTTP2", pkgConfig: "libnghttp2", providers: [.apt(["libnghttp2-dev"])]),
    .systemLibrary(name: "SystemMPI", pkgConfig: mpi, providers: [.apt(["libopenmpi-dev"])]),
    .target(
      name: "CMPI",
      dependencies: [.target(name: "SystemMPI", condition: .when(traits: ["MPI"]))],
      cSettings: [.define("APUS_MPI", .when(traits: ["MPI"]))]),
    .target(name: "Collectives", dependencies: ["CMPI"], swiftSettings: strict),
    .target(name: "CKernels"),
    .target(name: "CPlatform"),
    .target(name: "Platform", dependencies: ["CPlatform"], swiftSettings: strict),
    .target(name: "JSON", swiftSettings: strict),
    .target(
      name: "Tensor", dependencies: ["CBLAS", "CKernels", "Platform"], swiftSettings: strict),
    .target(name: "Tokenizers", dependencies: ["JSON"], swiftSettings: strict),
    .target(name: "Grammars", dependencies: ["JSON", "Tokenizers"], swiftSettings: strict),
    .target(name: "ChatTemplates", dependencies: ["JSON", "Tokenizers"], swiftSettings: strict),
    .target(
      name: "ModelFiles",
      dependencies: ["JSON", "Platform", "Tensor"],
      swiftSettings: strict),
    .target(
      name: "GPTModel",
      dependencies: [
        "ChatTemplates", "Grammars", "JSON", "ModelFiles", "Platform", "Tensor", "Tokenizers",
        .product(name: "BasicContainers", package: "swift-collections"),
        .product(name: "DequeModule", package: "swift-collections"),
      ],
      swiftSettings: strict),
    .macro(
      name: "ApusMacros",
      dependencies: [
        .syntax("SwiftCompilerPlugin"), .syntax("SwiftDiagnostics"), .syntax("SwiftSyntax"),
        .syntax("SwiftSyntaxBuilder"), .syntax("SwiftSyntaxMacros"),
      ],
      // Versions of swift-syntax warn of different things.
      swiftSettings: Array(strict.dropFirst())),
    .target(
      name: "ApusKit",
      dependencies: [
        "GPTModel", "Grammars", "Tensor",
        .target(name: "ApusMacros", condition: .when(traits: ["Macros"])),
      ],
      swiftSettings: strict),
    .target(name: "ApusTesting", dependencies: ["ApusKit", "GPTModel"], swiftSettings: strict),
    .target(
      name: "CTraining", dependencies: ["CKernels"],
      cSettings: [.headerSearchPath("../CKernels")]),
    .target(
      name: "Training",
      dependencies: [
        "CBLAS", "CTraining", "ChatTemplates", "Collectives", "GPTModel", "JSON", "ModelFiles",
        "Platform", "Tensor", "Tokenizers",
      ],
      swiftSettings: strict),
    .target(
      name: "Evaluation",
      dependencies: ["GPTModel", "ModelFiles", "Platform", "Tensor", "Tokenizers"],
      swiftSettings: strict),
    .target(
      name: "HTTPTransport",
      dependencies: [
        "CNGHTTP2", "JSON", "Platform",
        .server("HTTPTypes", "swift-http-types"),
        .server("Hummingbird", "hummingbird"),
        .server("HummingbirdCore", "hummingbird"),
        .server("Logging", "swift-log"),
        .server("NIOConcurrencyHelpers", "swift-nio"),
        .server("NIOCore", "swift-nio"),
        .server("NIOExtras", "swift-nio-extras"),
        .server("NIOHTTP1", "swift-nio"),
        .server("NIOHTTPTypes", "swift-nio-extras"),
        .server("NIOHTTPTypesHTTP1", "swift-nio-extras"),
        .server("NIOPosix", "swift-nio"),
        .server("NIOSSL", "swift-nio-ssl"),
        .server("NIOTLS", "swift-nio"),
        .server("ServiceLifecycle", "swift-service-lifecycle"),
      ],
      swiftSettings: strict),
    .target(
      name: "WebPage",
      dependencies: ["Platform"],
      // In the program itself, so that it stays one file.
      resources: [.embedInCode("Page")],
      swiftSettings: strict),
    .target(
      name: "InferenceServer",
      dependencies: [
        "ChatTemplates", "GPTModel", "HTTPTransport", "JSON", "Platform", "Tensor", "Tokenizers",
        "WebPage",
        .server("HTTPTypes", "swift-http-types"),
        .server("Hummingbird", "hummingbird"),
        .server("Logging", "swift-log"),
        .server("NIOConcurrencyHelpers", "swift-nio"),
        .server("NIOCore", "swift-nio"),
        .server("NIOHTTP1", "swift-nio"),
        .server("NIOPosix", "swift-nio"),
        .server("ServiceLifecycle", "swift-service-lifecycle"),
        .server("UnixSignals", "swift-service-lifecycle"),
      ],
      swiftSettings: strict),
    .target(
      name: "EngineMetrics",
      dependencies: ["GPTModel", .server("CoreMetrics", "swift-metrics")],
      swiftSettings: strict),
    .target(
      name: "LoadGenerator",
      dependencies: [
        "JSON", "Platform",
        .server("Histogram", "hdrhistogram-swift"),
        .server("NIOConcurrencyHelpers", "swift-nio"),
        .server("NIOCore", "swift-nio"),
        .server("NIOHTTP1", "swift-nio"),
        .server("NIOPosix", "swift-nio"),
      ],
      swiftSettings: strict),
    .target(
      name: "TerminalChat", dependencies: ["ChatTemplates", "JSON", "Platform"],
      swiftSettings: strict),
    .executableTarget(
      name: "apus",
      dependencies: [
        "ChatTemplates", "Collectives", "Evaluation", "GPTModel", "Grammars", "HTTPTransport",
        "InferenceServer", "JSON", "LoadGenerator", "ModelFiles", "Platform", "Tensor",
        "TerminalChat", "Tokenizers",
        "Training",
        .server("ArgumentParser", "swift-argument-parser"),
        .server("Logging", "swift-log"),
      ],
      swiftSettings: strict),
    .target(
      name: "TestSupport", dependencies: ["GPTModel", "Tensor"], path: "Tests/TestSupport",
      swiftSettings: strict),
    .target(
      name: "HTTPTestSupport",
      dependencies: [
        .server("Logging", "swift-log"),
        .server("NIOCore", "swift-nio"),
        .server("NIOPosix", "swift-nio"),
      ],
      path: "Tests/HTTPTestSupport", swiftSettings: strict),
    .executableTarget(
      name: "gguf-mutate", dependencies: ["GPTModel", "TestSupport"],
      path: "Tests/Tools/gguf-mutate", swiftSettings: strict),
    .executableTarget(
      name: "apus-sim", dependencies: ["TestSupport"],
      path: "Tests/Tools/apus-sim", exclude: ["mutations"], swiftSettings: strict),
    .executableTarget(
      name: "grammar-walk", dependencies: ["Grammars", "JSON"],
      path: "Tests/Tools/grammar-walk", swiftSettings: strict),
    .executableTarget(
      name: "apus-answers", dependencies: ["Evaluation", "GPTModel"],
      path: "Tests/Tools/apus-answers", swiftSettings: strict),
    .executableTarget(
      name: "apus-training-speed", dependencies: ["CTraining", "Tensor", "Training"],
      path: "Tests/Tools/apus-training-speed", swiftSettings: strict),
    .testTarget(name: "PlatformTests", dependencies: ["Platform"], swiftSettings: strict),
    .testTarget(name: "JSONTests", dependencies: ["JSON"], swiftSettings: strict),
    .testTarget(
      name: "TensorTests",
      dependencies: ["CBLAS", "CKernels", "Platform", "Tensor", "TestSupport"],
      swiftSettings: strict),
    .testTarget(
      name: "TokenizersTests", dependencies: ["JSON", "TestSupport", "Tokenizers"],
      swiftSettings: strict),
    .testTarget(
      name: "GrammarsTests", dependencies: ["Grammars", "JSON", "Tokenizers"],
      swiftSettings: strict),
    .testTarget(
      name: "ChatTemplatesTests", dependencies: ["ChatTemplates", "JSON", "Tokenizers"],
      swiftSettings: strict),
    .testTarget(
      name: "ModelFilesTests", dependencies: ["ModelFiles", "Tensor", "TestSupport"],
      swiftSettings: strict),
    .testTarget(
      name: "TrainingTests",
      dependencies: [
        "CTraining", "ChatTemplates", "Collectives", "Evaluation", "GPTModel", "JSON", "ModelFiles",
        "Platform", "Tensor", "TestSupport", "Tokenizers", "Training",
      ],
      swiftSettings: strict),
    .testTarget(
      name: "GPTModelTests",
      dependencies: [
        "ChatTemplates", "Evaluation", "GPTModel", "Grammars", "JSON", "ModelFiles", "Platform",
        "Tensor", "TestSupport", "Tokenizers",
      ],
      swiftSettings: strict),
    .testTarget(
      name: "ApusKitTests", dependencies: ["ApusKit", "ApusTesting", "TestSupport"],
      swiftSettings: strict),
    .testTarget(
      name: "HTTPTransportTests",
      dependencies: [
        "CNGHTTP2", "HTTPTestSupport", "HTTPTransport", "Platform", "TestSupport",
        .server("HTTPTypes", "swift-http-types"),
        .server("Hummingbird", "hummingbird"),
        .server("NIOConcurrencyHelpers", "swift-nio"),
        .server("NIOCore", "swift-nio"),
        .server("NIOEmbedded", "swift-nio"),
        .server("NIOHTTP1", "swift-nio"),
        .server("NIOHTTPTypes", "swift-nio-extras"),
        .server("NIOPosix", "swift-nio"),
        .server("NIOSSL", "swift-nio-ssl"),
        .server("NIOTLS", "swift-nio"),
        .server("ServiceLifecycle", "swift-service-lifecycle"),
      ],
      swiftSettings: strict),
    .testTarget(
      name: "InferenceServerTests",
      dependencies: [
        "ChatTemplates", "EngineMetrics", "GPTModel", "Grammars", "HTTPTestSupport",
        "HTTPTransport", "InferenceServer", "ModelFiles", "Platform", "TestSupport",
        "Tokenizers",
        .server("HTTPTypes", "swift-http-types"),
        .server("Hummingbird", "hummingbird"),
        .server("HummingbirdTesting", "hummingbird"),
        .server("Logging", "swift-log"),
        .server("NIOConcurrencyHelpers", "swift-nio"),
        .server("NIOCore", "swift-nio"),
        .server("NIOPosix", "swift-nio"),
        .server("ServiceLifecycle", "swift-service-lifecycle"),
        .server("UnixSignals", "swift-service-lifecycle"),
      ],
      swiftSettings: strict),
    .testTarget(
      name: "EngineMetricsTests",
      dependencies: [
        "EngineMetrics", "GPTModel", "TestSupport",
        .server("MetricsTestKit", "swift-metrics"),
      ],
      swiftSettings: strict),
    .testTarget(
      name: "TerminalChatTests",
      dependencies: ["ChatTemplates", "Platform", "TerminalChat", "TestSupport"],
      swiftSettings: strict),
    .testTarget(
      name: "LoadGeneratorTests",
      dependencies: [
        "JSON", "LoadGenerator", "Platform",
        .server("NIOConcurrencyHelpers", "swift-nio"),
        .server("NIOCore", "swift-nio"),
        .server("NIOHTTP1", "swift-nio"),
        .server("NIOPosix", "swift-nio"),
      ],
      swiftSettings: strict),
  ]
)
