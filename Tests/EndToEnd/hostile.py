"""The scoreboard of hostile clients. Usage: hostile.py PATH_TO_APUS MODEL [--only TEXT] [--times]

Each row states what is to come back; the server must be there, and well, after every one.
"""

import argparse
import asyncio
import importlib
import resource
import sys
import tempfile
import time
import traceback

import hostile_tls
import many_connections
from raw import ask, get
from server import Server

# Each has `rows()`: names, and functions of a context; one with `together` may run beside others.
FILES = ["hostile_rules", "hostile_lines", "hostile_http2", "hostile_api", "hostile_grammars", "hostile_tools",
         "hostile_sampling", "hostile_feedback"]


class Context:
    """What a row needs: the server's port and process, and how to start another one."""

    def __init__(self, apus, model, judges_times=False):
        self.command = (apus, model)
        self.judges_times = judges_times
        self.folder = tempfile.TemporaryDirectory()
        self.server = Server(
            apus, model, "--feedback-file", f"{self.folder.name}/ratings.jsonl", longest=900)
        self.port = self.server.port
        self.pid = self.server.process.pid


def collect():
    found = []
    for name in FILES:
        found += importlib.import_module(name).rows()
    return found + many_connections.rows()


async def run(name, case, context, longest=240):
    """Runs one row and returns what went wrong, or nothing."""
    start = time.monotonic()
    try:
        await asyncio.wait_for(case(context), longest)
        problem = None
    except Exception:
        problem = traceback.format_exc(limit=-3)
    if context.server.process.poll() is not None:
        problem = f"the server ended with {context.server.process.returncode}\n{problem or ''}"
    verdict = "FAILED" if problem else "passed"
    print(f"{verdict}  {name}  ({time.monotonic() - start:.1f} s)\n{problem or ''}".rstrip(), flush=True)
    return problem


async def run_all(rows, context):
    together = [row for row in rows if getattr(row[1], "together", False)]
    alone = [row for row in rows if row not in together]
    # A few at a time: so many clients at once would be late themselves.
    gate = asyncio.Semaphore(24)

    async def gated(row):
        async with gate:
            return await run(*row, context)
    problems = await asyncio.gather(*map(gated, together))
    for row in alone:
        problems.append(await run(*row, context))
        if (await ask(context.port, get())).statuses != [200]:
            print(f"FAILED  health after: {row[0]}")
            problems.append("health")
    return problems


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("apus")
    parser.add_argument("model")
    parser.add_argument("--only", default="", help="rows whose name holds this")
    parser.add_argument("--times", action="store_true",
                        help="judge times too, on a machine that does nothing else")
    options = parser.parse_args()
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(most, 65_536), most))
    rows = [row for row in collect() if options.only in row[0]]
    context = Context(options.apus, options.model, options.times)
    start = time.monotonic()
    try:
        problems = asyncio.run(run_all(rows, context))
    finally:
        hostile_tls.end()
        context.server.kill()
    passed = len(rows) - sum(problem is not None for problem in problems)
    print(f"{passed} / {len(rows)} rows in {time.monotonic() - start:.0f} s")
    return 0 if passed == len(rows) else 1


if __name__ == "__main__":
    sys.exit(main())
