"""What the checks of the engine share: bounds, quantiles, prompts, and what the system says."""

import os
import random
import statistics

WORDS = ("time year people way day man thing woman life child world school state family student "
         "group country problem hand part place case week company system program question work "
         "night point home water room mother area money story fact month lot right study book "
         "eye job word business issue side kind head house service friend father power hour game "
         "line end member law car city name team minute idea body back parent face level office "
         "door health person art war history party result change morning reason research").split()


class Missed(AssertionError):
    """A promise that was not kept."""


class Report:
    """Collects the figures of one check, and which of them missed their bounds."""

    def __init__(self, own_seconds):
        """Begins; `own_seconds` says what processor time the server and the client used so far."""
        self.missed = []
        self.own_seconds = own_seconds
        self.begin = (*machine_seconds(), own_seconds())

    def foreign_share(self):
        """The share of this machine that others used since the beginning."""
        busy, all_seconds = (now - then for now, then in zip(machine_seconds(), self.begin))
        foreign = busy - (self.own_seconds() - self.begin[2])
        return min(0.9, max(0.0, foreign / max(all_seconds, 0.01)))

    def patience(self):
        """How much longer things may take because others use the machine.

        Once because less of it is left, and once more because threads that work in step wait for the
        one that was held up.
        """
        return 1 / (1 - self.foreign_share()) ** 2

    def time(self, name, seconds, most):
        """Prints a time with its bound; the bound is wider while others use the machine."""
        patience = self.patience()
        self.figure(name, seconds * 1e3, f" ms, promised {most * 1e3:g}",
                    most=most * 1e3 * patience)

    def figure(self, name, value, unit="", most=None, least=None):
        """Prints a figure with its bound, and notes whether it was met."""
        bound = f" (at most {most:.4g})" if most is not None else ""
        bound += f" (at least {least:.4g})" if least is not None else ""
        ok = (most is None or value <= most) and (least is None or value >= least)
        print(f"        {'' if ok else 'MISSED '}{name}: {value:.4g}{unit}{bound}", flush=True)
        if not ok:
            self.missed.append(name)

    def note(self, text):
        print(f"        {text}", flush=True)

    def require(self, condition, what):
        """Notes what was not so."""
        if not condition:
            print(f"        MISSED {what}"[:600], flush=True)
            self.missed.append(what[:120])

    def end(self):
        if self.missed:
            raise Missed(f"{len(self.missed)} missed")


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


def thread_states(pid):
    """The state letter of each thread, by name."""
    states = {}
    for thread in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{thread}/stat") as file:
            name, _, rest = file.read().rpartition(")")
        states[thread + name.partition("(")[2]] = rest.split()[0]
    return states


def anonymous_memory(pid):
    """Bytes of anonymous memory of a process, swapped out or not."""
    with open(f"/proc/{pid}/status") as file:
        fields = dict(line.split(":", 1) for line in file)
    return sum(int(fields[name].split()[0]) for name in ("RssAnon", "VmSwap")) * 1024


def machine_seconds():
    """Seconds of processor time that this machine has spent since it began, at work and in all."""
    with open("/proc/stat") as file:
        fields = [int(field) / TICKS for field in file.readline().split()[1:9]]
    return sum(fields) - fields[3] - fields[4], sum(fields)
