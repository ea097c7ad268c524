"""Whether the configurations of proxies are valid, by the proxies that are installed here."""

import pathlib
import shutil
import subprocess
import tempfile
import unittest

DEPLOY = pathlib.Path(__file__).resolve().parents[2] / "Deploy"

# What stands around a file of nginx's folder of sites.
NGINX = "pid {folder}/pid; error_log {folder}/log; events {{}} http {{ access_log off; {paths} {sites} }}"
NGINX_PATHS = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]


class ProxyTests(unittest.TestCase):
    def setUp(self):
        place = tempfile.TemporaryDirectory()
        self.addCleanup(place.cleanup)
        self.folder = pathlib.Path(place.name)

    def configuration(self, name, program):
        """A configuration with a certificate that is there."""
        for tool in (program, "openssl"):
            # What only administrators run may not be on the path.
            if not shutil.which(tool, path="/usr/bin:/usr/sbin:/usr/local/bin:/usr/local/sbin"):
                self.skipTest(f"{tool} is not installed")
        base = self.folder / "chat.example"
        self.run_program(
            "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=chat.example",
            "-keyout", f"{base}.key", "-out", f"{base}.crt")
        pathlib.Path(f"{base}.pem").write_text(
            pathlib.Path(f"{base}.crt").read_text() + pathlib.Path(f"{base}.key").read_text())
        text = (DEPLOY / name).read_text()
        self.assertIn("/etc/ssl/chat.example", text)
        return text.replace("/etc/ssl", str(self.folder))

    def write(self, text):
        """A file with a text."""
        file = self.folder / "configuration"
        file.write_text(text)
        return str(file)

    def run_program(self, *command):
        """Runs a program, which must succeed."""
        path = "/usr/bin:/bin:/usr/sbin:/usr/local/bin:/usr/local/sbin"
        done = subprocess.run(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=60,
            env={"HOME": str(self.folder), "PATH": path})
        self.assertEqual(done.returncode, 0, done.stdout)

    def test_haproxy(self):
        file = self.write(self.configuration("haproxy.cfg", "haproxy"))
        self.run_program("haproxy", "-c", "-f", file)

    def test_nginx(self):
        sites = self.configuration("nginx.conf", "nginx")
        paths = "".join(f"{name}_temp_path {self.folder}/{name}; " for name in NGINX_PATHS)
        file = self.write(NGINX.format(folder=self.folder, paths=paths, sites="\n" + sites))
        self.run_program("nginx", "-t", "-c", file)

    def test_caddy(self):
        file = self.write(self.configuration("Caddyfile", "caddy"))
        self.run_program("caddy", "validate", "--adapter", "caddyfile", "--config", file)


if __name__ == "__main__":
    unittest.main()
