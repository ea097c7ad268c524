"""What the checks of the engine share: bounds, quantiles, prompts, and what the system says.

Times are judged in the campaign alone: what they are depends on the machine and on what else it does.
"""

import asyncio
import collections
import os
import random
import statistics
import subprocess
import sys

WORDS = ("time year people way day man thing woman life child world school state family student "
         "group country problem hand part place case week company system program question work "
         "night point home water room mother area money story fact month lot right study book "
         "eye job word business issue side kind head house service friend father power hour game "
         "line end member law car city name team minute idea body back parent face level office "
         "door health person art war history party result change morning reason research").split()


class Report:
    """Collects the figures of one check, and which of them missed their bounds."""

    def __init__(self, own_seconds, judges_times):
        """Begins; `own_seconds` says what processor time the server and the client used so far."""
        self.missed = []
        # Those that a machine which is held up by others may miss.
        self.missed_times = []
        self.disturbances = []
        self.judges_times = judges_times
        self.own_seconds = own_seconds
        self.begin = (machine_seconds(), own_seconds())
        self.stalls = Stalls() if judges_times else None

    def close(self):
        """Ends the watch over the machine, and says what it saw."""
        if not self.judges_times:
            return
        now = machine_seconds()
        busy, stolen, every = (now[i] - self.begin[0][i] for i in range(3))
        every = max(every, 0.01)
        foreign = busy - (self.own_seconds() - self.begin[1])
        late = self.stalls.end()
        for name, value, most in (("others used", foreign / every, 0.06),
                                  ("the host took", stolen / every, 0.02)):
            self.note(f"{name} {value:.1%} of the machine")
            if value > most:
                self.disturbances.append(f"{name} {value:.1%}")
        self.note(f"a process that slept for 2 ms at a time woke up late: {milliseconds(late)}")
        if quantile(late, 0.99) > 0.005 or max(late) > 0.05:
            self.disturbances.append(f"wake-ups up to {max(late) * 1e3:.0f} ms late")

    @property
    def may_repeat(self):
        """Whether all that was missed are times, and the machine was held up meanwhile."""
        return not self.missed and bool(self.missed_times) and bool(self.disturbances)

    def time(self, name, seconds, most):
        """Prints a time, in the campaign with its bound."""
        self.figure(name, seconds * 1e3, " ms", most=most * 1e3, is_time=True)

    def figure(self, name, value, unit="", most=None, least=None, is_time=False):
        """Prints a figure with its bound, and notes whether it was met."""
        if is_time and not self.judges_times:
            most = least = None
        bound = f" (at most {most:.4g})" if most is not None else ""
        bound += f" (at least {least:.4g})" if least is not None else ""
        ok = (most is None or value <= most) and (least is None or value >= least)
        print(f"        {'' if ok else 'MISSED '}{name}: {value:.4g}{unit}{bound}", flush=True)
        if not ok:
            (self.missed_times if is_time else self.missed).append(name)

    def note(self, text):
        print(f"        {text}", flush=True)

    def require(self, condition, what):
        """Notes what was not so."""
        if not condition:
            print(f"        MISSED {what}"[:600], flush=True)
            self.missed.append(what[:120])


class Stalls:
    """A process beside the measurement that sleeps, and notes how late it wakes up.

    What holds it up, which needs next to no processor time, holds up everything on this machine.
    """

    PROGRAM = """
import sys, threading, time
end = threading.Event()
threading.Thread(target=lambda: (sys.stdin.read(), end.set()), daemon=True).start()
late = []
while not end.is_set():
    start = time.monotonic()
    time.sleep(0.002)
    late.append(time.monotonic() - start - 0.002)
print(*(f"{x:.6f}" for x in late or [0]))
"""

    def __init__(self):
        self.process = subprocess.Popen(
            [sys.executable, "-c", self.PROGRAM], stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def end(self):
        """Seconds by which it woke up late, each time."""
        return [float(x) for x in self.process.communicate(timeout=10)[0].split()]


def quantile(values, share):
    """The smallest value that at least `share` of all do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, -int(-share * len(ordered) // 1) - 1))]


median = statistics.median


def milliseconds(values):
    """Minimum, median, 99th percentile, for people."""
    return (f"min {min(values) * 1e3:.1f}, p50 {median(values) * 1e3:.1f}, "
            f"p99 {quantile(values, 0.99) * 1e3:.1f}, max {max(values) * 1e3:.1f} ms, n {len(values)}")


def words(count, seed):
    """So many words, about as many tokens; another text for each seed."""
    return " ".join(random.Random(seed).choices(WORDS, k=count))


TICKS = os.sysconf("SC_CLK_TCK")


def process_ticks(pid):
    """Clock ticks of processor time that all threads of a process have used."""
    with open(f"/proc/{pid}/stat") as file:
        fields = file.read().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


def running_seconds(pid):
    """Seconds that each thread of a process has run, to the nanosecond."""
    times = {}
    for thread in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{thread}/schedstat") as file:
            times[thread] = int(file.read().split()[0]) / 1e9
    return times


def thread_states(pid):
    """The state letter of each thread, by number and name; of those that end meanwhile none."""
    return {key: fields["State"].split()[0] for key, fields in _threads(pid)}


def thread_waits(pid):
    """How often each thread has gone to sleep to wait for something, by number and name."""
    return {key: int(fields["voluntary_ctxt_switches"]) for key, fields in _threads(pid)}


def _threads(pid):
    for thread in os.listdir(f"/proc/{pid}/task"):
        try:
            with open(f"/proc/{pid}/task/{thread}/status") as file:
                fields = {name: value.strip() for name, _, value in (l.partition(":") for l in file)}
        except (FileNotFoundError, ProcessLookupError):
            continue
        yield (thread, fields["Name"]), fields


async def wakeups(pid, seconds):
    """How often each thread woke up in a time, and which were not seen asleep in half of 20 looks.

    A thread that waits is woken up once for each time that it goes to sleep again; one that never waits
    is never seen asleep.
    """
    before, awake = thread_waits(pid), collections.Counter()
    for _ in range(20):
        await asyncio.sleep(seconds / 20)
        awake.update(key for key, state in thread_states(pid).items() if state != "S")
    woken = {key: count - before.get(key, 0) for key, count in thread_waits(pid).items()}
    return woken, [key for key, count in awake.items() if count >= 10]


def anonymous_memory(pid):
    """Bytes of anonymous memory of a process, swapped out or not."""
    with open(f"/proc/{pid}/status") as file:
        fields = dict(line.split(":", 1) for line in file)
    return sum(int(fields[name].split()[0]) for name in ("RssAnon", "VmSwap")) * 1024


def machine_seconds():
    """Seconds of processor time since the start: of processes, taken by the host, and in all."""
    with open("/proc/stat") as file:
        fields = [int(field) / TICKS for field in file.readline().split()[1:9]]
    idle, stolen = fields[3] + fields[4], fields[7]
    return sum(fields) - idle - stolen, stolen, sum(fields)
