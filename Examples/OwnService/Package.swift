// swift-tools-version:6.2
import PackageDescription

let package = Package(
  name: "OwnService",
  platforms: [.macOS(.v15)],
  // listing: package
  dependencies: [
    // With its default traits, the server among them.
    .package(name: "apus", path: "../.."),
    .package(
      url: "https://github.com/hummingbird-project/hummingbird.git", from: "2.28.1", traits: []),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle.git", from: "2.13.0"),
  ],
  targets: [
    .executableTarget(
      name: "OwnService",
      dependencies: [
        .product(name: "EngineMetrics", package: "apus"),
        .product(name: "GPTModel", package: "apus"),
        .product(name: "InferenceServer", package: "apus"),
        .product(name: "Hummingbird", package: "hummingbird"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
        .product(name: "UnixSignals", package: "swift-service-lifecycle"),
      ])
    // end
  ]
)
