// swift-tools-version:6.2
import PackageDescription

let package = Package(
  name: "http2",
  platforms: [.macOS(.v15)],
  dependencies: [
    .package(name: "apus", path: "../.."),
    .package(url: "https://github.com/hummingbird-project/hummingbird.git", from: "2.28.1"),
    .package(url: "https://github.com/apple/swift-log.git", from: "1.16.2"),
  ],
  targets: [
    .executableTarget(
      name: "http2-servers",
      dependencies: [
        .product(name: "GPTModel", package: "apus"),
        .product(name: "InferenceServer", package: "apus"),
        .product(name: "Hummingbird", package: "hummingbird"),
        .product(name: "HummingbirdHTTP2", package: "hummingbird"),
        .product(name: "Logging", package: "swift-log"),
      ],
      path: "Sources")
  ]
)
