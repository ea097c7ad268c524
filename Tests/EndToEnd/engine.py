"""Checks what the engine promises, under load. Usage:
engine.py PATH_TO_APUS MODEL [--answers PATH] [--full] [--only CHECK[,CHECK]]

Each check starts servers of its own and prints what it measured. The default is short and judges what
can be counted, which no machine is too slow or too busy for; `--full` is the campaign, which judges
times too. A time that was missed while something else held up the machine is measured again.
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
from measures import TICKS, Report, process_ticks
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

    def __init__(self, options):
        self.apus = options.apus
        self.model = options.model
        self.answers = options.answers
        self.full = options.full
        self.servers = []
        self.report = Report(self.own_seconds, judges_times=options.full)

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
            Server, self.apus, self.model, *options, longest=self.pick(300, 7200))
        self.servers.append(server)
        return server, await Client.of(server)

    def close(self):
        for server in self.servers:
            server.kill()
        self.servers.clear()


def attempt(name, arguments):
    """Runs a check once; returns whether it passed, and whether to try again."""
    bench = Bench(arguments)
    report, failed = bench.report, False
    try:
        asyncio.run(CHECKS[name](bench))
    except TimeoutError as error:
        report.note(f"MISSED {error}")
        report.missed_times.append(str(error))
    except Exception:
        failed = True
        traceback.print_exc()
    finally:
        report.close()
        bench.close()
    if failed:
        return False, False
    return not (report.missed or report.missed_times), report.may_repeat


def run(name, arguments):
    """Runs a check, again where it missed times while the machine was held up; the bounds stay."""
    print(f"{name}: {CHECKS[name].__doc__}", flush=True)
    start = time.perf_counter()
    for left in reversed(range(arguments.attempts)):
        passed, again = attempt(name, arguments)
        if passed or not again or not left:
            break
        print("        again, for the machine was held up", flush=True)
        time.sleep(2)
    verdict = "passed" if passed else "FAILED"
    print(f"{verdict}  {name} ({time.perf_counter() - start:.1f} s)", flush=True)
    return passed


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("apus")
    parser.add_argument("model")
    parser.add_argument("--answers", help="the path of apus-answers, to compare with the library")
    parser.add_argument("--full", action="store_true", help="the campaign")
    parser.add_argument("--only", help=f"some of {', '.join(CHECKS)}", default=",".join(CHECKS))
    parser.add_argument("--attempts", type=int, default=4,
                        help="how often a check is run at most while others hold up the machine")
    arguments = parser.parse_args()
    chosen = arguments.only.split(",")
    passed = sum([run(name, arguments) for name in chosen])
    print(f"{passed} passed, {len(chosen) - passed} failed")
    return 0 if passed == len(chosen) else 1


if __name__ == "__main__":
    sys.exit(main())
