/* The live view of the engine. It asks the server only while somebody looks at it. */

const secondsBetweenReadings = 2;
const secondsAfterRefusal = 15;
// Latencies are told of what happened in so many seconds.
const latencySeconds = 30;

const plotKinds = [
  { title: "Throughput", unit: "tokens/s", format: shortNumber,
    series: [{ name: "generated", label: "generated" }, { name: "prompt", label: "prompt" }] },
  { title: "Batch and queue", unit: "requests", format: shortNumber,
    series: [{ name: "running", label: "running" }, { name: "waiting", label: "waiting" }] },
  { title: "Key-value cache", unit: "pages in use", format: shortPercent, most: 1,
    series: [{ name: "cache", label: "in use" }] },
  { title: "Time to the first token", unit: `last ${latencySeconds} s`, format: shortSeconds,
    series: [{ name: "first50", label: "median" }, { name: "first95", label: "95 %" }] },
  { title: "Time between tokens", unit: `last ${latencySeconds} s`, format: shortSeconds,
    series: [{ name: "between50", label: "median" }, { name: "between95", label: "95 %" }] },
  { title: "Time of a request", unit: `last ${latencySeconds} s`, format: shortSeconds,
    series: [{ name: "whole50", label: "median" }, { name: "whole95", label: "95 %" }] },
];

const histograms = [
  ["first", "time_to_first_token_seconds"],
  ["between", "inter_token_latency_seconds"],
  ["whole", "e2e_request_latency_seconds"],
];

const tileKinds = [
  { name: "generated", title: "Generated", format: shortNumber, unit: "tokens/s" },
  { name: "running", title: "Running", format: shortNumber, unit: "requests" },
  { name: "waiting", title: "Waiting", format: shortNumber, unit: "requests" },
  { name: "cache", title: "Key-value cache", format: shortPercent, unit: (sample) => sample.pages },
  { name: "first50", title: "First token", format: shortSeconds, unit: "median" },
  { name: "between50", title: "Between tokens", format: shortSeconds, unit: "median" },
];

/** Reads, and shows, what the engine is doing. */
class EngineView {
  /** `onState` is called with whether the server answers. */
  constructor(store, onState) {
    this.store = store;
    this.onState = onState;
    this.samples = [];
    this.plots = plotKinds.map((kind) => new Plot(kind));
    byId("plots").append(...this.plots.map((plot) => plot.node));
    this.tiles = tileKinds.map((kind) => {
      const value = element("dd");
      const tile = element("div", element("dt", kind.title), value);
      tile.className = "tile";
      byId("tiles").append(tile);
      return value;
    });
    document.addEventListener("visibilitychange", () => this.follow());
    this.show();
  }

  /** Begins or ends to look at the engine. */
  setVisible(isVisible) {
    byId("engine").hidden = !isVisible;
    this.follow();
  }

  follow() {
    const isWatched = !byId("engine").hidden && document.visibilityState === "visible";
    if (isWatched === Boolean(this.watch)) return;
    this.watch?.abort();
    this.watch = isWatched ? new AbortController() : null;
    if (isWatched) this.keepReading(this.watch.signal);
  }

  async keepReading(signal) {
    while (!signal.aborted) {
      const seconds = await this.read(signal);
      if (!signal.aborted) await new Promise((done) => setTimeout(done, seconds * 1000));
    }
  }

  /** Reads once; returns the seconds to wait before the next time. */
  async read(signal) {
    const { key } = this.store.settings();
    const limited = AbortSignal.any([signal, AbortSignal.timeout(5000)]);
    const reading = (path) => ask(path, { key, signal: limited });
    const [health, metrics] = await Promise.allSettled([
      reading("/health").then((response) => response.json()),
      this.noMetrics ?? reading("/metrics").then((response) => response.text()),
    ]);
    if (signal.aborted) return 0;
    if (metrics.reason?.status === 404) this.noMetrics = "";
    const isReached = [health, metrics].some(({ reason }) => !reason || reason.status);
    this.onState(isReached);
    this.showNotice(health, metrics, isReached);
    if (isReached) this.add(health.value, metrics.value ? new Metrics(metrics.value) : null);
    this.show();
    return metrics.reason?.status === 429 ? secondsAfterRefusal : secondsBetweenReadings;
  }

  showNotice(health, metrics, isReached) {
    const notice = byId("engine-notice");
    const needsKey = [health, metrics].some(({ reason }) => reason?.status === 401);
    notice.textContent = !isReached ? ""
      : needsKey ? "The server wants an API key; enter it in the settings."
      : metrics.value ? "" : "This server tells no rates and latencies.";
    notice.hidden = !notice.textContent;
  }

  /** Adds what was read to the samples. */
  add(health, metrics) {
    const time = performance.now() / 1000;
    const sample = { time, health, metrics };
    const pages = health?.cache_pages;
    const used = pages - health?.cache_pages_free;
    sample.running = metrics?.value("num_requests_running") ?? health?.running;
    sample.waiting = metrics?.value("num_requests_waiting") ?? health?.waiting;
    sample.cache = metrics?.value("kv_cache_usage_perc") ?? (pages > 0 ? used / pages : undefined);
    sample.pages = pages > 0 ? `${longNumber(used)} of ${longNumber(pages)} pages` : "pages";
    this.addRates(sample);
    this.addLatencies(sample);
    this.samples = [...this.samples.filter((each) => time - each.time < plotSeconds + 2), sample];
  }

  addRates(sample) {
    const last = this.samples.at(-1);
    const seconds = sample.time - last?.time;
    if (!last?.metrics || !sample.metrics || !(seconds < longestGap)) return;
    for (const name of ["generated", "prompt"]) {
      const counter = name === "prompt" ? "prompt_tokens_total" : "generation_tokens_total";
      const growth = sample.metrics.growth(counter, last.metrics);
      sample[name] = growth === undefined ? undefined : growth / seconds;
    }
  }

  addLatencies(sample) {
    const earlier = this.samples.find((each) =>
      each.metrics && sample.time - each.time <= latencySeconds);
    if (!earlier || !sample.metrics) return;
    for (const [name, histogram] of histograms) {
      sample[`${name}50`] = sample.metrics.quantile(histogram, 0.5, earlier.metrics);
      sample[`${name}95`] = sample.metrics.quantile(histogram, 0.95, earlier.metrics);
    }
  }

  show() {
    const sample = this.samples.at(-1);
    this.tiles.forEach((tile, index) => {
      const { name, format, unit } = tileKinds[index];
      const value = sample?.[name];
      const small = element("span", typeof unit === "string" ? unit : sample ? unit(sample) : "");
      small.className = "unit";
      tile.replaceChildren(value === undefined ? "–" : format(value), small);
    });
    const now = performance.now() / 1000;
    for (const plot of this.plots) plot.show(this.samples, now);
    byId("engine-state").textContent = sample?.running > 0 ? "at work"
      : sample?.health || sample?.metrics ? "idle" : "";
    this.showTotals(sample?.health, sample?.metrics);
  }

  showTotals(health, metrics) {
    const cancelled = health?.cancel_to_free_seconds?.decoding;
    const longest = cancelled?.count > 0 ? shortSeconds(cancelled.p99) : undefined;
    const totals = [
      ["Tokens generated", metrics?.value("generation_tokens_total")],
      ["Tokens of prompts", metrics?.value("prompt_tokens_total")],
      ["Prompt tokens taken from the cache", health?.cached_tokens],
      ["Prompts that began like an earlier one", health?.prefix_hits],
      ["Steps", health?.steps],
      ["Preemptions", health?.preemptions],
      ["Cancelled until free, 99 %", longest],
    ];
    const known = totals.filter(([, value]) => value !== undefined);
    byId("totals").replaceChildren(...known.map(([title, value]) =>
      element("div", element("dt", title), element("dd", longNumber(value)))));
  }
}
