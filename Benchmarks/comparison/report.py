"""Turns the records of all rounds into figures, and figures into Markdown."""

import statistics

from comparison.benchmarks import ALONE, BESIDE_HOG, RATIOS

# Fewer say nothing about a target.
FEWEST_ROUNDS = 5


class Spread:
    """The median of some figures, their quartiles and extremes."""

    def __init__(self, values):
        self.values = sorted(values)
        self.median = statistics.median(self.values)
        self.low, self.high = self.values[0], self.values[-1]
        # With fewer than four the quartiles would be extrapolated.
        quartiles = (statistics.quantiles(self.values, n=4, method="inclusive")
                     if len(self.values) >= 4 else [self.low, self.median, self.high])
        self.lower, self.upper = quartiles[0], quartiles[-1]

    def document(self):
        return {"median": self.median, "lowerQuartile": self.lower, "upperQuartile": self.upper,
                "lowest": self.low, "highest": self.high, "values": self.values}


def speeds(records, *names):
    """The speeds of tests, round by round, of the rounds that have them all.

    A name is (engine, mode, test); the result has a tuple of as many speeds for each round.
    """
    rounds = [tuple(record["speeds"].get(engine, {}).get(mode, {}).get(test)
                    for engine, mode, test in names) for record in records]
    return [row for row in rounds if None not in row]


def best_mode(records, peer, test):
    """The mode in which the peer's median is best, or None where it was not measured."""
    found = {mode: speeds(records, (peer.name, mode, test)) for mode in peer.modes}
    medians = {mode: statistics.median(row[0] for row in rows)
               for mode, rows in found.items() if rows}
    return max(medians, default=None, key=medians.get)


def ratios(records, apus, peer):
    """One row for each benchmark that both engines ran."""
    rows = []
    for test, title, target in RATIOS:
        mode = best_mode(records, peer, test)
        pairs = speeds(records, (apus.name, apus.modes[0], test), (peer.name, mode, test))
        if not pairs:
            continue
        rows.append({
            "test": test, "title": title, "target": target, "mode": mode,
            "apus": Spread([pair[0] for pair in pairs]),
            "peer": Spread([pair[1] for pair in pairs]),
            "ratio": Spread([a / b for a, b in pairs])})
    return rows


def costs(records, apus, peer):
    """Rows of figures that should stay below a limit: title, unit, limit, spread."""
    rows = []

    def add(title, unit, limit, values):
        if values:
            rows.append({"title": title, "unit": unit, "limit": limit, "value": Spread(values)})

    def per_round(engine, mode, first, second, factor=1.0):
        pairs = speeds(records, (engine, mode, first), (engine, mode, second))
        return [factor * a / b for a, b in pairs]

    add("a step of 8 rows over a step of 1, apus", "×", 1.4,
        per_round(apus.name, apus.modes[0], "tg32@d40", "tg32 x8@d40", 8))
    mode = best_mode(records, peer, "tg32 x8@d40")
    if mode:
        add(f"the same, llama.cpp {mode}", "×", None,
            per_round(peer.name, mode, "tg32@d40", "tg32 x8@d40", 8))
    add("slower beside one hog, apus", "×", 2.0,
        per_round(apus.name, apus.modes[0], ALONE, BESIDE_HOG))
    mode = best_mode(records, peer, ALONE)
    if mode:
        add(f"the same, llama.cpp {mode}", "×", None,
            per_round(peer.name, mode, ALONE, BESIDE_HOG))
    samplings = [record["sampling"] for record in records if "sampling" in record]
    for test in samplings[0] if samplings else []:
        limit = 15 if test.startswith("sample k40 ") else 60
        add(f"a token drawn by apus, {test}", "µs", limit, [1e6 / each[test] for each in samplings])
    return rows


def digits(value):
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def figure(spread):
    return f"{digits(spread.median)} ({digits(spread.lower)}–{digits(spread.upper)})"


def extremes(spread):
    return f"{digits(spread.low)}–{digits(spread.high)}"


def verdict(is_met, spread, environment):
    """Whether a target is met, where there are enough rounds of a quiet machine to say so."""
    if environment["isBusy"] or len(spread.values) < FEWEST_ROUNDS:
        return "not judged"
    return "met" if is_met else "missed"


def markdown(environment, ratio_rows, cost_rows):
    """Two tables and what they were had with."""
    lines = [f"# Apus beside llama.cpp, {environment['date']}", ""]
    lines += [f"- {name}: {value}" for name, value in environment["notes"].items()]
    if environment["isBusy"]:
        lines += ["", "**Not fit for any claim: others used the machine meanwhile.**"]
    lines += ["", "Tokens per second: median (quartiles) of all rounds. The ratio is taken in each",
              "round, to llama.cpp's faster setting of flash attention.", "",
              "| benchmark | test | apus | llama.cpp | | ratio | lowest–highest | target | |",
              "|---|---|---:|---:|---|---:|---:|---:|---|"]
    for row in ratio_rows:
        met = verdict(row["ratio"].median >= row["target"], row["ratio"], environment)
        lines.append(
            f"| {row['title']} | {row['test']} | {figure(row['apus'])} | {figure(row['peer'])}"
            f" | {row['mode']} | **{figure(row['ratio'])}** | {extremes(row['ratio'])}"
            f" | ≥ {row['target']} | {met} |")
    if cost_rows:
        lines += ["", "| less is better | | lowest–highest | limit | |",
                  "|---|---:|---:|---:|---|"]
    for row in cost_rows:
        limit, met = "", ""
        if row["limit"] is not None:
            limit = f"≤ {row['limit']} {row['unit']}"
            met = verdict(row["value"].median <= row["limit"], row["value"], environment)
        lines.append(f"| {row['title']} | **{figure(row['value'])}** {row['unit']}"
                     f" | {extremes(row['value'])} | {limit} | {met} |")
    if perplexity := environment.get("perplexity"):
        lines += ["", "Perplexity of this project's documents, the second half of each window of 512"
                  " tokens: "
                  + ", ".join(f"{name} {each['value']:.4f} ± {each['error']:.4f}"
                              for name, each in perplexity.items()) + "."]
    return "\n".join(lines) + "\n"


def document(environment, ratio_rows, cost_rows, records):
    """Everything, for programs to read."""
    def plain(row):
        return {key: value.document() if isinstance(value, Spread) else value
                for key, value in row.items()}
    return {"date": environment["date"], **environment["notes"],
            "isBusy": environment["isBusy"],
            "perplexity": environment.get("perplexity", {}),
            "ratios": [plain(row) for row in ratio_rows],
            "costs": [plain(row) for row in cost_rows], "rounds": records}
