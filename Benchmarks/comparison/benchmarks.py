"""What is measured, the figures aimed at, and the rounds in which both engines take turns."""

import os
import resource
import sys
import time

from comparison.engines import Hog

# The name of a test, what it is, and the ratio of speeds aimed at.
RATIOS = [
    ("tg64", "decode, 1 sequence, short context", 1.6),
    ("tg64@d512", "decode, 1 sequence, depth 512", 2.3),
    ("tg64@d2048", "decode, 1 sequence, depth 2048", 2.4),
    ("tg32 x4@d40", "decode, 4 sequences, short context", 2.7),
    ("tg32 x8@d40", "decode, 8 sequences, short context", 3.0),
    ("tg32 x16@d40", "decode, 16 sequences, short context", 3.5),
    ("tg32 x32@d40", "decode, 32 sequences, short context", 5.5),
    ("tg32 x8@d512", "decode, 8 sequences, depth 512 each", 8.0),
    ("pp512", "prompt of 512 tokens", 7.0),
    ("pp512@d1536", "512 tokens more at depth 1536", 10.0),
]
ALONE, BESIDE_HOG = "tg64 alone", "tg64 beside a hog"

# Parts of a round, small, so that both engines see the same moods of the machine.
PARTS = [
    ("short", lambda e: e.single(0, 64, [0], 3)),
    ("depth", lambda e: e.single(0, 64, [512, 2048], 2)),
    ("prompt", lambda e: e.single(512, 0, [0, 1536], 1)),
    ("batch", lambda e: e.batched(40, 32, [1, 4, 8, 16, 32])),
    ("batch at depth", lambda e: e.batched(512, 32, [8])),
    ("hog", lambda e: beside_hog(e)),
]


def beside_hog(engine):
    """One sequence written alone, then beside a process that never rests."""
    def run(name):
        return {mode: {name: tests["tg64"]} for mode, tests in engine.single(0, 64, [0], 3).items()}
    alone = run(ALONE)
    with Hog():
        beside = run(BESIDE_HOG)
    return {mode: alone[mode] | beside[mode] for mode in alone}


class Stopwatch:
    """Seconds, and the share of the machine's processors that others used meanwhile."""

    def __enter__(self):
        self.start = self._now()
        return self

    def __exit__(self, *_):
        seconds, busy, own = (after - before for before, after in zip(self.start, self._now()))
        self.seconds = seconds
        self.foreign = max(0.0, busy - own) / max(seconds * os.cpu_count(), 1e-9)

    @staticmethod
    def _now():
        busy = 0.0
        try:
            with open("/proc/stat") as file:
                # user nice system idle iowait irq softirq steal
                ticks = [int(word) for word in file.readline().split()[1:9]]
            busy = (sum(ticks) - ticks[3] - ticks[4]) / os.sysconf("SC_CLK_TCK")
        except OSError:
            pass
        usages = [resource.getrusage(who)
                  for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
        return time.monotonic(), busy, sum(u.ru_utime + u.ru_stime for u in usages)


def wait_for_rest(limit, patience):
    """Waits until others use less than a share of the processors, for so many seconds at most."""
    end = time.monotonic() + patience
    while time.monotonic() < end:
        with Stopwatch() as watch:
            time.sleep(2)
        if watch.foreign < limit:
            return


def run_part(name, part, engines, record, options):
    """Runs a part with both engines; keeps it if the machine was theirs."""
    found, shares = {}, {}
    for engine in engines:
        wait_for_rest(options.busy, options.patience)
        with Stopwatch() as watch:
            found[engine.name] = part(engine)
        shares[engine.name] = watch.foreign
        print(f"{name}, {engine.name}: {watch.seconds:.0f} s, others used {watch.foreign:.0%}",
              file=sys.stderr, flush=True)
    if max(shares.values()) > options.busy:
        record["discarded"].append(name)
        return
    record["foreign"][name] = shares
    for engine, modes in found.items():
        for mode, tests in modes.items():
            record["speeds"].setdefault(engine, {}).setdefault(mode, {}).update(tests)


def measure(apus, peer, options, keep):
    """Runs all rounds; returns a record of each, and hands `keep` all records after each part.

    A record has the speeds by engine, mode and test, and the shares that others used by part.
    """
    records = []
    for number in range(max(1, options.rounds)):
        engines = [apus, peer] if number % 2 == 0 else [peer, apus]
        record = {"order": [engine.name for engine in engines], "speeds": {}, "foreign": {},
                  "discarded": []}
        records.append(record)
        print(f"round {number + 1} of {max(1, options.rounds)}", file=sys.stderr)
        for name, part in PARTS:
            if not options.parts or name in options.parts:
                run_part(name, part, engines, record, options)
                keep(records)
        if not options.parts or "sampling" in options.parts:
            record["sampling"] = apus.sampling()
            keep(records)
    return records
