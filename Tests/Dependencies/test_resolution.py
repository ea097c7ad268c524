"""What packages that depend on this one resolve: embedders one package more, whatever they depend on besides."""

import json
import pathlib
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
MANIFEST = """// swift-tools-version:6.2
import PackageDescription
let package = Package(
  name: "host", platforms: [.macOS(.v15)],
  dependencies: [.package(name: "apus", path: "%s"%s), %s],
  targets: [
    .executableTarget(
      name: "host", dependencies: [.product(name: "GPTModel", package: "apus"), %s])
  ])
"""
SYNTAX = '.package(url: "https://github.com/swiftlang/swift-syntax.git", exact: "600.0.1")'
# What the service resolves at least; Tests/Examples looks at the examples of ApusKit.
SERVER = {"hummingbird", "swift-nio", "swift-metrics", "swift-collections"}


def run(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def resolve(package):
    """The identities of all packages that a package resolves, this one and itself left out."""
    # Where resolving fails, what it began to fetch may still be written for a moment.
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as scratch:
        text = run(
            "swift", "package", "--package-path", str(package), "--scratch-path", scratch,
            "show-dependencies", "--format", "json")
    found = set()
    waiting = json.loads(text[text.index("{"):])["dependencies"]
    while waiting:
        dependency = waiting.pop()
        waiting += dependency["dependencies"]
        if pathlib.Path(dependency["url"]) != ROOT:
            found.add(dependency["identity"])
    return found


class ResolutionTests(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name).resolve()

    def host(self, traits="", dependencies="", products=""):
        """A package that embeds the engine."""
        host = self.folder / "host"
        (host / "Sources" / "host").mkdir(parents=True, exist_ok=True)
        (host / "Sources" / "host" / "main.swift").write_text("import GPTModel\n")
        (host / "Package.swift").write_text(MANIFEST % (ROOT, traits, dependencies, products))
        return host

    def old_nio(self):
        """A package of the identity of SwiftNIO, of a version that the server does not take."""
        package = self.folder / "swift-nio"
        (package / "Sources" / "NIOCore").mkdir(parents=True)
        (package / "Sources" / "NIOCore" / "Core.swift").write_text("public let version = 60\n")
        (package / "Package.swift").write_text(
            '// swift-tools-version:6.0\nimport PackageDescription\nlet package = Package('
            'name: "swift-nio", products: [.library(name: "NIOCore", targets: ["NIOCore"])], '
            'targets: [.target(name: "NIOCore")])\n')
        git = ["git", "-C", str(package), "-c", "user.name=t", "-c", "user.email=t@example.com"]
        run(*git, "init", "--quiet")
        run(*git, "add", "--all", "--force")
        run(*git, "commit", "--quiet", "--message", "Release")
        run(*git, "tag", "2.60.0")
        return f'.package(url: "file://{package}", exact: "2.60.0")'

    def test_an_embedder_resolves_one_package_more(self):
        self.assertEqual(resolve(self.host(traits=", traits: []")), {"swift-collections"})

    def test_macros_resolve_one_package_more(self):
        macros = {"swift-collections", "swift-syntax"}
        self.assertEqual(resolve(self.host(traits=', traits: ["Macros"]')), macros)
        # Of a version that the host is bound to.
        product = '.product(name: "SwiftSyntax", package: "swift-syntax")'
        self.assertEqual(resolve(self.host(', traits: ["Macros"]', SYNTAX, product)), macros)

    def test_an_embedder_chooses_its_own_versions_of_what_the_server_needs(self):
        others = f"{self.old_nio()}, {SYNTAX}"
        products = (
            '.product(name: "NIOCore", package: "swift-nio"), '
            '.product(name: "SwiftSyntax", package: "swift-syntax")')
        self.assertEqual(
            resolve(self.host(", traits: []", others, products)),
            {"swift-collections", "swift-nio", "swift-syntax"})
        with self.assertRaises(subprocess.CalledProcessError):
            resolve(self.host("", others, products))

    def test_examples_resolve_what_they_say(self):
        self.assertEqual(resolve(ROOT / "Examples" / "Embed"), {"swift-collections"})
        self.assertLessEqual(SERVER, resolve(ROOT / "Examples" / "OwnService"))


if __name__ == "__main__":
    unittest.main()
