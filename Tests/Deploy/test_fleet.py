"""Whether replicas are configured as Scripts/fleet says, and the manifests are what they seem."""

import contextlib
import importlib.machinery
import importlib.util
import io
import pathlib
import subprocess
import sys
import tempfile
import types
import unittest
from unittest import mock

ROOT = pathlib.Path(__file__).resolve().parents[2]


def load():
    """Scripts/fleet as a module."""
    sys.dont_write_bytecode = True
    loader = importlib.machinery.SourceFileLoader("fleet", str(ROOT / "Scripts/fleet"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("fleet", loader))
    loader.exec_module(module)
    return module


class FleetTests(unittest.TestCase):
    fleet = load()

    def configuration(self, replicas, round_robin=False):
        """The configuration of a fleet, which HAProxy accepts where it is installed."""
        options = types.SimpleNamespace(port=9123, round_robin=round_robin)
        ports = [9200 + n for n in range(replicas)]
        with tempfile.TemporaryDirectory() as folder:
            file = self.fleet.configuration(options, ports, folder)
            if haproxy := self.fleet.shutil.which("haproxy", path=self.fleet.PROGRAMS):
                done = subprocess.run([haproxy, "-c", "-f", str(file)], capture_output=True, text=True)
                self.assertEqual(done.returncode, 0, done.stderr)
            return file.read_text()

    def test_servers(self):
        text = self.configuration(2)
        servers = [line.split()[1:] for line in text.splitlines() if line.startswith("  server ")]
        self.assertEqual(servers, [["r1", "127.0.0.1:9200"], ["r2", "127.0.0.1:9201"]])
        self.assertIn("  bind 127.0.0.1:9123\n", text)
        self.assertIn("  balance hash var(txn.key)\n", text)
        self.assertNotIn("chat.example", text.split("defaults")[1])

    def test_every_replica_is_tried(self):
        self.assertIn("  retries 3\n", self.configuration(2))
        self.assertIn("  retries 7\n", self.configuration(8))

    def test_round_robin(self):
        text = self.configuration(3, round_robin=True)
        self.assertIn("  balance roundrobin\n", text)
        self.assertNotIn("  hash-", text)

    def test_without_haproxy(self):
        said = io.StringIO()
        with mock.patch.object(self.fleet.shutil, "which", return_value=None), \
                mock.patch.object(sys, "argv", ["fleet"]), contextlib.redirect_stderr(said):
            self.assertEqual(self.fleet.main(), 69)
        self.assertIn("apt-get install haproxy", said.getvalue())

    def test_without_the_program(self):
        said = io.StringIO()
        with mock.patch.object(self.fleet.shutil, "which", return_value="/bin/true"), \
                mock.patch.object(sys, "argv", ["fleet", "--apus", "/nonexistent"]), \
                contextlib.redirect_stderr(said):
            self.assertEqual(self.fleet.main(), 66)
        self.assertIn("make build", said.getvalue())


class ManifestTests(unittest.TestCase):
    def test_yaml(self):
        try:
            import yaml
        except ImportError:
            self.skipTest("PyYAML is not installed")
        documents = list(yaml.safe_load_all((ROOT / "Deploy/kubernetes.yaml").read_text()))
        self.assertEqual(
            [each["kind"] for each in documents],
            ["Deployment", "PodDisruptionBudget", "Service", "NetworkPolicy"])
        pod = documents[0]["spec"]["template"]
        self.assertGreater(pod["spec"]["terminationGracePeriodSeconds"], 120)
        self.assertEqual(documents[1]["spec"]["selector"], documents[0]["spec"]["selector"])
        for name in ("envoy.yaml", "endpoint-picker.yaml"):
            self.assertIsInstance(yaml.safe_load((ROOT / "Deploy" / name).read_text()), dict)


if __name__ == "__main__":
    unittest.main()
