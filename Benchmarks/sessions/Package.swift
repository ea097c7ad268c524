// swift-tools-version:6.2
import PackageDescription

let package = Package(
  name: "sessions",
  platforms: [.macOS(.v15)],
  dependencies: [.package(name: "apus", path: "../..", traits: [])],
  targets: [
    .executableTarget(
      name: "sessions", dependencies: [.product(name: "ApusKit", package: "apus")],
      path: "Sources")
  ]
)
