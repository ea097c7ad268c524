// swift-tools-version:6.2
import PackageDescription

let package = Package(
  name: "TypedAnswers",
  platforms: [.macOS(.v15)],
  // listing: package
  dependencies: [.package(name: "apus", path: "../..", traits: ["Macros"])],
  targets: [
    .executableTarget(
      name: "TypedAnswers", dependencies: [.product(name: "ApusKit", package: "apus")]),
    // end
    .executableTarget(
      name: "Kinds", dependencies: [.product(name: "ApusTesting", package: "apus")]),
  ]
)
