"""Other balancers than HAProxy with the configurations in Deploy, in front of replicas of this machine."""

import asyncio
import pathlib
import re
import shutil
import subprocess
import tempfile

DEPLOY = pathlib.Path(__file__).resolve().parents[2] / "Deploy"
PROGRAMS = "/usr/bin:/usr/sbin:/usr/local/bin:/usr/local/sbin"


class Proxy:
    """A balancer that runs until it is ended."""

    def __init__(self, command, text, name):
        self.place = tempfile.TemporaryDirectory()
        file = pathlib.Path(self.place.name) / name
        file.write_text(text.replace("FOLDER", self.place.name))
        self.process = subprocess.Popen(
            [*command, str(file)], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL)

    def end(self):
        """Ends the balancer and removes its files."""
        self.process.terminate()
        self.process.wait(timeout=30)
        self.place.cleanup()


def nginx(port, replicas, _=None):
    """nginx with Deploy/nginx.conf, without encryption; nil where it is not installed."""
    program = shutil.which("nginx", path=PROGRAMS)
    if not program:
        return None
    site = (DEPLOY / "nginx.conf").read_text()
    site = re.sub(r"listen .*;", f"listen 127.0.0.1:{port};", site)
    site = re.sub(r"  ssl_.*\n", "", site)
    site = re.sub(r"  server 127.*\n", "", site)
    servers = "".join(f"  server 127.0.0.1:{each} max_fails=1 fail_timeout=2s;\n" for each in replicas)
    site = site.replace("upstream apus {\n", "upstream apus {\n" + servers)
    paths = "".join(f"{name}_temp_path FOLDER/{name}; "
                    for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    whole = (f"daemon off; pid FOLDER/pid; error_log FOLDER/log; events {{}}\n"
             f"http {{ access_log off; {paths}\n{site} }}")
    return Proxy([program, "-c"], whole, "nginx.conf")


def envoy(port, replicas, program):
    """Envoy with Deploy/envoy.yaml; nil where it is not installed."""
    if not program:
        return None
    text = (DEPLOY / "envoy.yaml").read_text()
    text = text.replace("port_value: 8080", f"port_value: {port}").replace("host: chat.example", "host: 127.0.0.1")
    end = "{{endpoint: {{address: {{socket_address: {{address: 127.0.0.1, port_value: {}}}}}}}}}"
    head = text[:text.index("      - lb_endpoints:\n")] + "      - lb_endpoints:\n"
    servers = "".join("        - " + end.format(each) + "\n" for each in replicas)
    return Proxy([program, "--log-level", "error", "-c"], head + servers, "envoy.yaml")


async def until_open(port):
    """Returns once a port takes connections."""
    while True:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            return writer.close()
        except ConnectionError:
            await asyncio.sleep(0.05)
