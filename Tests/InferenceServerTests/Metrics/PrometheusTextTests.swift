import GPTModel
import Testing

@testable import InferenceServer

@Suite("Prometheus's text format")
struct PrometheusTextTests {
  @Test("A metric has its help, its type, and a line for each sample")
  func sample() {
    var text = PrometheusText()
    let metrics: [Metric<Double>] = [
      Metric("b", .gauge, .none, "One\nline \\ only.") { .real($0) },
      Metric("no", .gauge, .none, "No value, so not there.") { _ in nil },
      Metric("c_total", .counter, .none, "None.") { _ in .samples([]) },
    ]
    let ends: [MetricSample.Number] = [
      .real(.infinity), .real(-.infinity), .real(.nan), .integer(7),
    ]
    text.write(metrics, of: 2.5, prefix: "a_", labels: ["x": "1\"2\\3\n4", "y": ""])
    text.write(
      [
        Metric("d", .gauge, .none, "Ends.") { _ in
          .samples(ends.map { MetricSample($0, labels: ["z": "1"], suffix: "_e") })
        }
      ], of: 0.0, prefix: "")
    #expect(
      text.text == #"""
        # HELP a_b One\nline \\ only.
        # TYPE a_b gauge
        a_b{x="1\"2\\3\n4",y=""} 2.5
        # HELP a_c_total None.
        # TYPE a_c_total counter
        # HELP d Ends.
        # TYPE d gauge
        d_e{z="1"} +Inf
        d_e{z="1"} -Inf
        d_e{z="1"} NaN
        d_e{z="1"} 7

        """#)
  }

  @Test("The counts of a histogram add up from bound to bound")
  func histogram() {
    var distribution = Distribution(bounds: [0.5, 1])
    for value in [0.25, 0.75, 0.75, 2] { distribution.add(value) }
    var text = PrometheusText()
    let metric = Metric<Distribution>("h", .histogram, .none, "H.") { .distribution($0) }
    text.write([metric], of: distribution, prefix: "", labels: ["m": "t"])
    #expect(
      text.text == """
        # HELP h H.
        # TYPE h histogram
        h_bucket{m="t",le="0.5"} 1
        h_bucket{m="t",le="1.0"} 3
        h_bucket{m="t",le="+Inf"} 4
        h_sum{m="t"} 3.75
        h_count{m="t"} 4

        """)
  }

  @Test(
    "Throttling is read from either version of control groups",
    arguments: [
      (
        "0::/a/b\n", "cgroup2 none rw", "/cg/a/b/cpu.stat",
        "nr_periods 10\nnr_throttled 3\nthrottled_usec 2500000\n"
      ),
      (
        "4:cpu,cpuacct:/a/b\n", "cgroup none rw,cpu,cpuacct", "/cg/a/b/cpu.stat",
        "nr_periods 10\nnr_throttled 3\nthrottled_time 2500000000\n"
      ),
      // The nearest group without a quota has no such figures.
      (
        "0::/a/b\n", "cgroup2 none rw", "/cg/a/cpu.stat",
        "usage_usec 1\nnr_periods 10\nnr_throttled 3\nthrottled_usec 2500000\n"
      ),
    ])
  func throttling(group: String, mount: String, path: String, stat: String) throws {
    let files = [
      "/proc/self/cgroup": group, "/proc/self/mountinfo": "30 1 0:1 / /cg rw - \(mount)\n",
      path: stat,
    ]
    let figures = try #require(ProcessMetrics { files[$0] }.throttling)
    #expect(figures.periods == 10)
    #expect(figures.throttledPeriods == 3)
    #expect(figures.seconds == 2.5)
  }

  @Test("Where there is no control group, or nonsense, there are no figures")
  func noThrottling() {
    #expect(ProcessMetrics { _ in nil }.throttling == nil)
    #expect(
      ProcessMetrics { _ in "nr_periods x\nnr_throttled 99999999999999999999" }.throttling == nil)
  }
}
