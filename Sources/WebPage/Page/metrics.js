/* The server's counters, as Prometheus reads them, and what follows from two readings. */

/** One reading of all metrics: the values of each name, added up over labels other than `le`. */
class Metrics {
  constructor(text) {
    this.sums = new Map();
    this.buckets = new Map();
    for (const line of text.split("\n")) this.read(line);
  }

  read(line) {
    const found = /^([A-Za-z_:][\w:]*)(?:\{(.*)\})?[ \t]+(\S+)/.exec(line);
    if (!found) return;
    const [, name, labels, written] = found;
    const value = Number(written);
    if (!Number.isFinite(value)) return;
    const bound = name.endsWith("_bucket") && /(?:^|,)le="([^"]*)"/.exec(labels ?? "")?.[1];
    if (!bound) {
      this.sums.set(name, (this.sums.get(name) ?? 0) + value);
      return;
    }
    const histogram = name.slice(0, -"_bucket".length);
    if (!this.buckets.has(histogram)) this.buckets.set(histogram, new Map());
    const counts = this.buckets.get(histogram);
    const limit = bound === "+Inf" ? Infinity : Number(bound);
    counts.set(limit, (counts.get(limit) ?? 0) + value);
  }

  /** The value of a metric; undefined where there is none. */
  value(name) {
    return this.sums.get(`apus:${name}`);
  }

  /** How much a counter grew since an earlier reading; undefined after a restart. */
  growth(name, earlier) {
    const growth = this.value(name) - earlier.value(name);
    return growth >= 0 ? growth : undefined;
  }

  /** The value below which a share of what a histogram saw since an earlier reading lies. */
  quantile(name, share, earlier) {
    const now = this.buckets.get(`apus:${name}`);
    if (!now) return undefined;
    const before = earlier.buckets.get(`apus:${name}`) ?? new Map();
    const limits = [...now.keys()].sort((a, b) => a - b);
    const counts = limits.map((limit) => now.get(limit) - (before.get(limit) ?? 0));
    const total = counts.at(-1);
    if (!(total > 0)) return undefined;
    const index = counts.findIndex((count) => count >= share * total);
    const low = index > 0 ? limits[index - 1] : 0;
    if (limits[index] === Infinity) return low;
    const below = index > 0 ? counts[index - 1] : 0;
    const inside = counts[index] - below;
    return low + (limits[index] - low) * (inside > 0 ? (share * total - below) / inside : 1);
  }
}

/** A number in all its digits; a text as it is. */
function longNumber(value) {
  return value.toLocaleString("en");
}

/** A number in few digits. */
function shortNumber(value) {
  if (value >= 10_000) return `${longNumber(Math.round(value / 1000))}k`;
  if (value >= 100 || Number.isInteger(value)) return longNumber(Math.round(value));
  return value.toFixed(value < 10 ? 1 : 0);
}

/** A duration in few digits. */
function shortSeconds(value) {
  if (value < 0.01) return `${(value * 1000).toFixed(value < 0.001 ? 2 : 1)} ms`;
  if (value < 1) return `${Math.round(value * 1000)} ms`;
  return `${value.toFixed(value < 10 ? 2 : 1)} s`;
}

/** A share of 1 in percent. */
function shortPercent(value) {
  const percent = value * 100;
  return `${percent > 0 && percent < 10 ? percent.toFixed(1) : Math.round(percent)} %`;
}
