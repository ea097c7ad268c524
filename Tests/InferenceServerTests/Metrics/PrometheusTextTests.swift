import GPTModel
import Testing

@testable import InferenceServer

@Suite("Prometheus's text format")
struct PrometheusTextTests {
  @Test("A metric has its help, its type, and a line for each sample")
  func sample() {
    var text = PrometheusText()
    text.write(.gauge, "a_b", "One\nline \\ only.", 2.5, labels: ["x": "1\"2\\3\n4", "y": ""])
    text.write(.counter, "c_total", "None.") { _ in }
    text.write(.gauge, "d", "Ends.") { samples in
      samples.sample(Double.infinity)
      samples.sample(-Double.infinity)
      samples.sample(Double.nan)
      samples.sample(7)
    }
    #expect(
      text.text == #"""
        # HELP a_b One\nline \\ only.
        # TYPE a_b gauge
        a_b{x="1\"2\\3\n4",y=""} 2.5
        # HELP c_total None.
        # TYPE c_total counter
        # HELP d Ends.
        # TYPE d gauge
        d +Inf
        d -Inf
        d NaN
        d 7

        """#)
  }

  @Test("The counts of a histogram add up from bound to bound")
  func histogram() {
    var distribution = Distribution(bounds: [0.5, 1])
    for value in [0.25, 0.75, 0.75, 2] { distribution.add(value) }
    var text = PrometheusText()
    text.write("h", "H.", distribution, labels: ["m": "t"])
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
