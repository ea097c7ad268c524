// swift-tools-version:6.2
import PackageDescription

let package = Package(
  name: "Embed",
  platforms: [.macOS(.v15)],
  dependencies: [
    .package(name: "apus", path: "../..")
  ],
  targets: [
    .executableTarget(
      name: "Embed", dependencies: [.product(name: "GPTModel", package: "apus")])
  ]
)
