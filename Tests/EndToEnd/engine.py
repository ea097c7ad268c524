"""Checks what the engine promises, under load. Usage:
engine.py PATH_TO_APUS MODEL [--full] [--only CHECK[,CHECK]]

Each check starts servers of its own and prints what it measured. The default is short; `--full` is the
campaign.
"""

import argparse
import asyncio
import os
import sys
import time
import traceback

import engine_bits
import engine_cancel
import engine_end
import engine_load
import engine_sharing
from measures import TICKS, Missed, Report, process_ticks
from server import Server
from streams import Client

CHECKS = {
    "bits": engine_bits.bits,
    "overload": engine_load.overload,
    "cancel": engine_cancel.cancel,
    "writers": engine_load.writers,
    "prefix": engine_sharing.prefix,
    "sigterm": engine_end.sigterm,
    "idle": engine_end.idle,
    "choices": engine_sharing.choices,
    "health": engine_load.health,
    "fairness": engine_load.fairness,
}


class Bench:
    """What a check works with: servers, how long to try, and a report."""

    def __init__(self, apus, model, full):
        self.apus = apus
        self.model = model
        self.full = full
        self.servers = []
        self.report = Report(self.own_seconds)

    def pick(self, short, full):
        """A quantity for the mode."""
        return full if self.full else short

    def own_seconds(self):
        """Seconds of processor time of the servers and of this client."""
        alive = [s.process.pid for s in self.servers if s.process.poll() is None]
        return sum(os.times()[:4]) + sum(map(process_ticks, alive)) / TICKS

    async def serve(self, *options):
        """Starts a server; it ends with the check."""
        server = await asyncio.to_thread(
            Server, self.apus, self.model, *options, longest=self.pick(120, 7200))
        self.servers.append(server)
        return server, await Client.of(server)

    def close(self):
        for server in self.servers:
            server.kill()
        self.servers.clear()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("apus")
    parser.add_argument("model")
    parser.add_argument("--full", action="store_true", help="the campaign")
    parser.add_argument("--only", help=f"some of {', '.join(CHECKS)}", default=",".join(CHECKS))
    arguments = parser.parse_args()
    failed = 0
    chosen = [(name, CHECKS[name]) for name in arguments.only.split(",")]
    for name, check in chosen:
        print(f"{name}: {check.__doc__}", flush=True)
        bench = Bench(arguments.apus, arguments.model, arguments.full)
        start = time.perf_counter()
        verdict = "passed"
        try:
            asyncio.run(check(bench))
            bench.report.end()
        except Missed:
            verdict = "FAILED"
        except Exception:
            verdict = "FAILED"
            traceback.print_exc()
        finally:
            bench.close()
        bench.report.note(f"others used {bench.report.foreign_share():.0%} of the machine")
        failed += verdict == "FAILED"
        print(f"{verdict}  {name} ({time.perf_counter() - start:.1f} s)", flush=True)
    print(f"{len(chosen) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
