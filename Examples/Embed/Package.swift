// swift-tools-version:6.2
import PackageDescription

let package = Package(
  name: "Embed",
  platforms: [.macOS(.v15)],
  // listing: package
  dependencies: [
    .package(name: "apus", path: "../..", traits: [])
  ],
  targets: [
    .executableTarget(
      name: "Embed", dependencies: [.product(name: "GPTModel", package: "apus")]),
    // end
    .executableTarget(
      name: "Ask", dependencies: [.product(name: "ApusKit", package: "apus")]),
    // The listings of Documentation/Embedding.md, one after the other.
    .executableTarget(
      name: "Tour", dependencies: [.product(name: "GPTModel", package: "apus")]),
  ]
)
