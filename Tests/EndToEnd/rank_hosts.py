"""Two hosts on one machine: network namespaces with a wire between them, and names of their own."""

import os
import shutil
import subprocess

ADDRESSES = {"apus-host-a": "10.219.77.1", "apus-host-b": "10.219.77.2"}
FIRST, SECOND = ADDRESSES
NETWORK = "10.219.77.0/24"
# What mpirun calls in the place of ssh: a host's address, then a command.
AGENT = """#!/bin/sh
case $1 in {addresses} *) echo "unknown host $1" >&2; exit 1;; esac
shift
exec ip netns exec $name unshare --uts sh -c "hostname $name; $*"
"""


class Hosts:
    """The hosts, which are there within a `with`; `reason` says why they are not."""

    def __init__(self, folder):
        self.folder, self.reason = folder, None

    def __enter__(self):
        if os.geteuid() != 0 or not shutil.which("ip"):
            self.reason = "network namespaces need root and iproute2"
            return self
        try:
            for name in ADDRESSES:
                self.call("ip", "netns", "add", name)
            self.call("ip", "link", "add", "apus-a", "netns", FIRST, "type", "veth", "peer", "name", "apus-b",
                      "netns", SECOND)
            for name, link in zip(ADDRESSES, ("apus-a", "apus-b")):
                inside = ("ip", "-n", name)
                self.call(*inside, "addr", "add", f"{ADDRESSES[name]}/24", "dev", link)
                for each in ("lo", link):
                    self.call(*inside, "link", "set", each, "up")
        except subprocess.CalledProcessError as error:
            self.reason = f"no network namespaces here: {error.stderr.strip()}"
        cases = " ".join(f"{address}) name={name};;" for name, address in ADDRESSES.items())
        self.agent = self.folder / "agent"
        self.agent.write_text(AGENT.format(addresses=cases))
        self.agent.chmod(0o755)
        return self

    def __exit__(self, *_):
        for name in ADDRESSES:
            subprocess.run(["ip", "netns", "del", name], capture_output=True)

    def call(self, *command):
        subprocess.run(command, check=True, capture_output=True, text=True)

    def bytes(self):
        """Bytes that both hosts have sent over the wire."""
        total = 0
        for name, link in zip(ADDRESSES, ("apus-a", "apus-b")):
            path = f"/sys/class/net/{link}/statistics/tx_bytes"
            total += int(subprocess.run(
                ["ip", "netns", "exec", name, "cat", path], check=True, capture_output=True, text=True).stdout)
        return total

    def run(self, apus, arguments):
        """Runs a process on each host, and returns what they wrote."""
        mpirun = shutil.which("mpirun.openmpi") or "mpirun"
        command = [
            mpirun, "--allow-run-as-root", "-np", "2", "--host", ",".join(ADDRESSES.values()), "--bind-to", "none",
            "--mca", "plm_rsh_agent", str(self.agent), "--mca", "pml", "ob1", "--mca", "btl", "tcp,self",
            "--mca", "btl_tcp_if_include", NETWORK, "--mca", "oob_tcp_if_include", NETWORK,
            "--wdir", str(self.folder), apus, *arguments]
        inside = ["ip", "netns", "exec", FIRST, "unshare", "--uts", "sh", "-c",
                  f'hostname {FIRST}; exec "$@"', "_", *command]
        result = subprocess.run(
            inside, cwd=self.folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True, timeout=120)
        assert result.returncode == 0, result.stdout
        return result.stdout
