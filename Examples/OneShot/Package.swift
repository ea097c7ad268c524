// swift-tools-version:6.2
import PackageDescription

let package = Package(
  name: "OneShot",
  platforms: [.macOS(.v15)],
  dependencies: [.package(name: "apus", path: "../..", traits: [])],
  targets: [
    .executableTarget(name: "OneShot", dependencies: [.product(name: "ApusKit", package: "apus")])
  ]
)
