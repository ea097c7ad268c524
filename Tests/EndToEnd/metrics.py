"""Compares what /metrics tells with what clients saw. Usage: metrics.py PATH_TO_APUS MODEL [--times]

Counts must be the same. Of times, none may be longer than a client saw; with `--times` they must also
be nearly as long, which takes a machine that does nothing else.
"""

import asyncio
import json
import pathlib
import re
import sys
import time
import urllib.request

from prometheus_client.parser import text_string_to_metric_families

from recordings import Recorder
from server import Server
from streams import Client

TOLERANCE = 0.02
REQUESTS, AT_ONCE = 24, 8
# A client that the machine holds up sees longer times than there were: it looks again.
ATTEMPTS = 3


class Apart(AssertionError):
    """Times of the server and of its clients are not the same."""


def request(client, number):
    """The bytes of a request that streams its answer.

    Its prompt is long, because a client sees some milliseconds more than the engine, which begins to
    count where a prompt has become tokens.
    """
    return client.request(
        f"{number} times {number} is? " * (12 + 4 * (number % 5)), max_tokens=60 + number % 7,
        ignore_eos=number % 2 == 0, cache_prompt=True)


async def ask(server, numbers):
    """Sends requests, some at a time; tokens of each prompt and answer, seconds to the first and last."""
    client, recorder = await Client.of(server), Recorder(server.port)
    waiting = [request(client, number) for number in numbers]

    async def work():
        while waiting:
            await recorder.send(waiting.pop())
    await asyncio.gather(*(work() for _ in range(AT_ONCE)))
    answers = recorder.close()
    assert not recorder.failures and all(answer.ok for answer in answers)
    # The head comes with the first token.
    return [{"prompt": answer.usage["prompt_tokens"], "answer": answer.usage["completion_tokens"],
             "cached": answer.cached_tokens, "ending": answer.reasons[0],
             "first": answer.head_at - answer.sent, "whole": answer.ended - answer.sent}
            for answer in answers]


def scrape(server):
    """All samples by name and labels."""
    with urllib.request.urlopen(server.origin + "/metrics") as response:
        assert response.headers["content-type"].startswith("text/plain; version=0.0.4")
        text = response.read().decode()
    families = list(text_string_to_metric_families(text))
    assert len({family.name for family in families}) == len(families), "a name twice"
    samples = {}
    for family in families:
        assert family.documentation and family.type != "unknown", family
        for sample in family.samples:
            labels = {k: v for k, v in sample.labels.items() if k != "model_name"}
            key = (sample.name, json.dumps(labels, sort_keys=True))
            assert key not in samples, f"{key} twice"
            samples[key] = sample.value
        if family.type == "histogram":
            check_histogram(family)
    return samples


def check_histogram(family):
    """Buckets grow, and the last holds all."""
    buckets = [(float(s.labels["le"]), s.value) for s in family.samples if s.name.endswith("_bucket")]
    count, = (s.value for s in family.samples if s.name.endswith("_count"))
    assert buckets == sorted(buckets) and [v for _, v in buckets] == sorted(v for _, v in buckets)
    assert buckets[-1] == (float("inf"), count), family.name


def settled(server, requests):
    """The samples once the server has counted all requests; the last is counted after it was sent."""
    deadline = time.monotonic() + 60
    while True:
        samples = scrape(server)
        ended = sum(v for (name, _), v in samples.items() if name == "apus:request_success_total")
        at_rest = samples["apus:num_requests_running", "{}"] == 0
        if (ended >= requests and at_rest) or time.monotonic() > deadline:
            return samples
        time.sleep(0.02)


def difference(before, after):
    return {key: value - before.get(key, 0) for key, value in after.items()}


def within(name, told, seen, judges_times):
    """Compares seconds: what happens in the server takes no longer than what a client sees of it."""
    ratio = told / seen
    print(f"  {name:40} {told:12.4f} {seen:12.4f} {100 * (ratio - 1):+8.2f} %")
    assert ratio <= 1, f"{name}: the server says {told}, clients saw {seen}"
    if judges_times and ratio < 1 - TOLERANCE:
        raise Apart(f"{name}: the server says {told}, clients saw {seen}")


def exact(name, told, seen):
    print(f"  {name:40} {told:12.0f} {seen:12.0f}")
    assert told == seen, f"{name}: the server says {told}, clients saw {seen}"


def compare(told, seen, judges_times):
    def value(name, **labels):
        return told["apus:" + name, json.dumps(labels, sort_keys=True)]

    def total(field):
        return sum(answer[field] for answer in seen)

    print(f"  {'':40} {'server':>12} {'clients':>12}")
    exact("prompt_tokens_total", value("prompt_tokens_total"), total("prompt"))
    exact("generation_tokens_total", value("generation_tokens_total"), total("answer"))
    exact("prefix_cache_hits_total", value("prefix_cache_hits_total"), total("cached"))
    exact("prefix_cache_queries_total", value("prefix_cache_queries_total"), total("prompt"))
    exact("request_prompt_tokens", value("request_prompt_tokens_sum"), total("prompt"))
    exact("request_generation_tokens", value("request_generation_tokens_sum"), total("answer"))
    for reason in ("stop", "length"):
        exact(f"request_success_total {reason}", value("request_success_total", finished_reason=reason),
              sum(answer["ending"] == reason for answer in seen))
    for name in ("time_to_first_token_seconds", "e2e_request_latency_seconds",
                 "request_queue_time_seconds", "request_prefill_time_seconds",
                 "request_decode_time_seconds"):
        exact(name + "_count", value(name + "_count"), len(seen))
    exact("inter_token_latency_seconds_count", value("inter_token_latency_seconds_count"),
          total("answer") - len(seen))
    exact("http_requests_total", value(
        "http_requests_total", method="POST", route="/v1/chat/completions", status="200"), len(seen))
    for name, part in (("time_to_first_token", "first"), ("e2e_request_latency", "whole")):
        within(f"{name}_seconds_sum", value(f"{name}_seconds_sum"), total(part), judges_times)


def check_dashboard(samples):
    """The dashboard asks for nothing that is not there; quotas are not everywhere."""
    dashboard = pathlib.Path(__file__).parents[2] / "Deploy" / "grafana.json"
    asked = {
        name for panel in json.loads(dashboard.read_text())["panels"] for target in panel["targets"]
        for name in re.findall(r"\b(?:apus:|process_)\w+", target["expr"])}
    missing = asked - {name for name, _ in samples}
    assert len(asked) > 20 and all(name.startswith("apus:cgroup_") for name in missing), missing


def main(apus, model, *options):
    judges_times = options == ("--times",)
    assert judges_times or not options, __doc__
    server = Server(apus, model)
    try:
        asyncio.run(ask(server, range(1)))
        before = first = settled(server, 1)
        for attempt in range(ATTEMPTS):
            numbers = range(1 + attempt * REQUESTS, 1 + (attempt + 1) * REQUESTS)
            seen = asyncio.run(ask(server, numbers))
            after = settled(server, numbers.stop)
            try:
                compare(difference(before, after), seen, judges_times)
                break
            except Apart as error:
                if attempt + 1 == ATTEMPTS:
                    raise
                print(f"again: {error}")
            before = after
        assert after["process_cpu_seconds_total", "{}"] > first["process_cpu_seconds_total", "{}"]
        assert after["process_resident_memory_bytes", "{}"] > 1 << 20
        assert after["process_open_fds", "{}"] > 0
        assert after["apus:num_requests_running", "{}"] == 0
        check_dashboard(after)
        server.terminate()
        assert server.exit_code() == 0
    finally:
        server.kill()
    print("passed  what /metrics tells is what clients saw")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
