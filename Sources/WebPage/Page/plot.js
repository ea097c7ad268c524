/* Lines over the last minutes, drawn as SVG. */

const plotSeconds = 180;
// What a plot spans, the first that has room for all samples, and how it is called.
const plotSpans = [[30, "30 s ago"], [60, "1 min ago"], [plotSeconds, "3 min ago"]];
// A line is not drawn across a time in which nothing was read.
const longestGap = 8;
const leftMargin = 46;
const bottomMargin = 18;

/** A plot of one or two series. */
class Plot {
  /** `series` have a `name` in the samples and a `label`; `format` writes values. */
  constructor({ title, unit, series, format, most }) {
    this.series = series;
    this.format = format;
    this.most = most;
    this.title = title;
    this.samples = [];
    this.node = fromTemplate("plot-template");
    this.node.querySelector(".plot-title").textContent = title;
    this.node.querySelector(".plot-unit").textContent = unit;
    this.host = this.node.querySelector(".plot-host");
    this.legend = series.map((each, index) => {
      const value = element("strong");
      const item = element("li", `${each.label} `, value);
      item.className = `series-${index + 1}`;
      this.node.querySelector(".legend").append(item);
      return value;
    });
    new ResizeObserver(() => this.draw()).observe(this.host);
    this.host.addEventListener("pointermove", (event) => this.point(event));
    this.host.addEventListener("pointerleave", () => {
      this.pointed = null;
      this.draw();
    });
  }

  /** Shows samples, each with a `time` in seconds, up to a time. */
  show(samples, now) {
    this.samples = samples;
    this.now = now;
    this.draw();
  }

  point(event) {
    const { left, width } = this.host.getBoundingClientRect();
    const share = (event.clientX - left - leftMargin) / (width - leftMargin);
    this.pointed = share >= 0 && share <= 1 ? share : null;
    this.draw();
  }

  draw() {
    const { clientWidth: width, clientHeight: height } = this.host;
    if (!width || this.now === undefined) return;
    this.width = width;
    this.height = height - bottomMargin;
    const age = this.now - (this.samples[0]?.time ?? this.now);
    [this.span, this.begin] = plotSpans.find(([seconds]) => seconds >= age) ?? plotSpans.at(-1);
    this.top = this.most ?? niceLimit(Math.max(0, ...this.series.flatMap(({ name }) =>
      this.samples.map((sample) => sample[name] ?? 0))));
    const svg = shape("svg", { viewBox: `0 0 ${width} ${height}`, role: "img" });
    svg.append(...this.axes(), ...this.lines());
    const sample = this.sampleToTell();
    if (sample && this.pointed != null) {
      const x = this.x(sample.time);
      svg.append(shape("line", { class: "cursor", x1: x, x2: x, y1: 0, y2: this.height }));
    }
    svg.setAttribute("aria-label", this.tell(sample));
    this.host.replaceChildren(svg);
  }

  x(time) {
    const share = 1 - (this.now - time) / this.span;
    return leftMargin + Math.max(0, share) * (this.width - leftMargin);
  }

  y(value) {
    return this.height * (1 - Math.min(value / this.top, 1));
  }

  axes() {
    const parts = [];
    for (const share of [0, 0.5, 1]) {
      const y = Math.round(this.height * (1 - share)) + 0.5;
      parts.push(shape("line", { class: "grid", x1: leftMargin, x2: this.width, y1: y, y2: y }));
      const at = { x: leftMargin - 8, y: y + 4, "text-anchor": "end" };
      parts.push(label(share === 0 ? "0" : this.format(share * this.top), at));
    }
    const y = this.height + bottomMargin - 3;
    parts.push(label(this.begin, { x: leftMargin, y }));
    parts.push(label("now", { x: this.width, y, "text-anchor": "end" }));
    return parts;
  }

  lines() {
    return this.series.flatMap(({ name }, index) => this.runs(name).flatMap((run) => {
      const points = run.map(({ time, value }) => `${round(this.x(time))} ${round(this.y(value))}`);
      const color = `series-${index + 1}`;
      if (points.length === 1) {
        const [x, y] = points[0].split(" ");
        return [shape("circle", { class: `lone ${color}`, cx: x, cy: y, r: 2 })];
      }
      const line = shape("path", { class: `line ${color}`, d: `M${points.join("L")}` });
      if (index > 0) return [line];
      const ends = [run.at(-1), run[0]].map(({ time }) => `${round(this.x(time))} ${this.height}`);
      const outline = `M${points.concat(ends).join("L")}Z`;
      return [shape("path", { class: `area ${color}`, d: outline }), line];
    }));
  }

  /** The stretches of a series without a gap. */
  runs(name) {
    const runs = [];
    let last = -Infinity;
    for (const { time, [name]: value } of this.samples) {
      if (value === undefined) continue;
      if (time - last > longestGap) runs.push([]);
      runs.at(-1).push({ time, value });
      last = time;
    }
    return runs;
  }

  sampleToTell() {
    if (this.pointed == null) return this.samples.at(-1);
    const time = this.now - (1 - this.pointed) * this.span;
    const distance = (sample) => (sample ? Math.abs(sample.time - time) : Infinity);
    return this.samples.reduce((best, sample) =>
      distance(sample) < distance(best) ? sample : best, undefined);
  }

  /** Writes the values of a sample below the plot; returns them in words. */
  tell(sample) {
    const words = this.series.map(({ name, label: text }, index) => {
      const value = sample?.[name];
      const written = value === undefined ? "–" : this.format(value);
      this.legend[index].textContent = written;
      return `${text} ${value === undefined ? "unknown" : written}`;
    });
    return `${this.title}: ${words.join(", ")}`;
  }
}

function shape(name, attributes) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  return node;
}

function label(text, attributes) {
  const node = shape("text", attributes);
  node.textContent = text;
  return node;
}

function round(value) {
  return Math.round(value * 10) / 10;
}

/** The first of 1, 2, 4, 5 and 8 times a power of ten that is not below a value. */
function niceLimit(value) {
  if (!(value > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  const limits = [1, 2, 4, 5, 8, 10].map((factor) => factor * power);
  // A limit may miss the value by what rounding took from it.
  return limits.find((limit) => limit >= value * 0.999);
}
