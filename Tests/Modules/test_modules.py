"""Which module may know which: the package's own description against the table of modules."""

import json
import pathlib
import re
import subprocess
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]

# What each module may use directly, and with that all that those may use.
ALLOWED = {
    "CBLAS": [],
    "CKernels": [],
    "SystemMPI": [],
    "CMPI": ["SystemMPI"],
    "CNGHTTP2": [],
    "CPlatform": [],
    "Collectives": ["CMPI"],
    "Platform": ["CPlatform"],
    "JSON": [],
    "Tensor": ["CBLAS", "CKernels", "Platform"],
    "Tokenizers": ["JSON"],
    "ChatTemplates": ["JSON", "Tokenizers"],
    "ModelFiles": ["JSON", "Tensor"],
    "Grammars": ["JSON", "Tokenizers"],
    "GPTModel": ["ChatTemplates", "Grammars", "ModelFiles"],
    "ApusMacros": [],
    "ApusKit": ["ApusMacros", "GPTModel"],
    "ApusTesting": ["ApusKit"],
    "CTraining": ["CKernels"],
    "Training": ["CTraining", "Collectives", "GPTModel"],
    "Distributed": ["Collectives", "Tensor"],
    "Evaluation": ["GPTModel"],
    "EngineMetrics": ["GPTModel"],
    "HTTPTransport": ["CNGHTTP2", "JSON", "Platform"],
    "WebPage": ["Platform"],
    "InferenceServer": ["GPTModel", "HTTPTransport", "WebPage"],
    "LoadGenerator": ["JSON", "Platform"],
    "TerminalChat": ["ChatTemplates", "Platform"],
    "apus": [
        "Distributed", "Evaluation", "InferenceServer", "LoadGenerator", "TerminalChat", "Training",
    ],
}

# Other packages, for who must not be without them; the rest of the modules use none but these.
PACKAGES = {
    "GPTModel": {"swift-collections"},
    "Training": {"swift-collections"},
    "ApusMacros": {"swift-syntax"},
    "EngineMetrics": {"swift-metrics"},
}
SERVING = {"HTTPTransport", "InferenceServer", "LoadGenerator", "apus"}


def reachable(module):
    """All that a module may know of this package."""
    found = set()
    waiting = list(ALLOWED[module])
    while waiting:
        next = waiting.pop()
        if next not in found:
            found.add(next)
            waiting += ALLOWED[next]
    return found


def describe():
    """The package's targets by name, tests and their tools left out, and the names of all."""
    text = subprocess.run(
        ["swift", "package", "dump-package"], cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True
    ).stdout
    targets = json.loads(text)["targets"]
    names = {target["name"] for target in targets}
    return {t["name"]: t for t in targets if not (t.get("path") or "").startswith("Tests")}, names


def dependencies(target):
    """The names of the targets that a target depends on, and of the packages."""
    own, packages = set(), set()
    for dependency in target["dependencies"]:
        if "product" in dependency:
            packages.add(dependency["product"][1])
        else:
            own.add((dependency.get("byName") or dependency.get("target"))[0])
    return own, packages


def imports(folder):
    """The modules that the sources in a folder import."""
    found = set()
    for file in folder.rglob("*.swift"):
        found |= set(re.findall(r"^\s*(?:@\w+ )*(?:\w+ )?import (\w+)", file.read_text(), re.M))
    return found


class ModuleTests(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.targets, cls.names = describe()
        cls.modules = {name: t for name, t in cls.targets.items() if t["type"] != "test"}

    def test_every_module_has_its_place(self):
        self.assertIn("GPTModel", self.modules)
        self.assertEqual(set(self.modules) - set(ALLOWED), set())

    def test_no_arrow_points_the_wrong_way(self):
        for name, target in self.modules.items():
            with self.subTest(module=name):
                own, _ = dependencies(target)
                self.assertEqual(own - reachable(name), set(), "must not be known")

    def test_who_embeds_a_model_builds_no_server(self):
        for name, target in self.modules.items():
            if name not in SERVING:
                with self.subTest(module=name):
                    _, packages = dependencies(target)
                    self.assertEqual(packages - PACKAGES.get(name, set()), set())

    def test_the_table_has_no_circle(self):
        for name in ALLOWED:
            self.assertNotIn(name, reachable(name))

    def test_sources_import_what_their_module_depends_on(self):
        # The build finds modules that happen to be built already, whoever depends on them.
        for name, target in self.targets.items():
            test = target["type"] == "test"
            folder = ROOT / ("Tests" if test else "Sources") / name
            with self.subTest(module=name):
                own, _ = dependencies(target)
                self.assertEqual((imports(folder) & self.names) - own - {name}, set())


if __name__ == "__main__":
    unittest.main()
