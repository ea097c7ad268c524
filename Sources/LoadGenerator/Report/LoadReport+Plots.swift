extension LoadReport {
  /// More dots than this only blacken the paper.
  private static let maximumDots = 1500

  /// When requests were due, and how long they took.
  var latencyPlot: Plot {
    let points = dotted
    func dots(_ name: String, _ latency: (Measurement.Point) -> Duration?) -> [Plot.Point] {
      points.compactMap { point in
        latency(point).map { latency in
          Plot.Point(
            x: point.intended.inSeconds, y: latency.inMilliseconds,
            note: "\(name) \(Format.milliseconds(latency)) ms, due at"
              + " \(Format.number(point.intended.inSeconds)) s")
        }
      }
    }
    let wholes = dots("end to end") { $0.ending == .completed ? $0.end - $0.intended : nil }
    let firsts = dots("first token") { point in
      point.firstPiece.map { $0 - point.intended }
    }
    let failures = dots("failed after") { $0.ending == .failed ? $0.end - $0.intended : nil }
    return Plot(
      title: "Latency over time", xLabel: "due, s", yLabel: "ms",
      series: [
        Plot.Series(name: "end to end", style: "second", mark: .dots, points: wholes),
        Plot.Series(name: "first token", style: "first", mark: .dots, points: firsts),
        Plot.Series(name: "failed", style: "bad", mark: .crosses, points: failures),
      ], xScale: PlotScale(upTo: span.inSeconds), yKind: .logarithmic)
  }

  /// The distributions of the three latencies.
  var distributionPlots: [Plot] {
    let titles = ["Time to first token", "Inter-token latency", "End to end"]
    let styles = ["first", "third", "second"]
    return zip(zip(titles, styles), latencies).map { heading, latency in
      let points = latency.histogram.distribution.map { step in
        Plot.Point(x: step.latency.inMilliseconds, y: step.share * 100)
      }
      return Plot(
        title: heading.0, xLabel: "ms", yLabel: "% at most",
        series: [
          Plot.Series(name: latency.name, style: heading.1, mark: .line, points: points)
        ],
        xScale: Self.latencyScale(points.map(\.x)), width: 306)
    }
  }

  /// Tokens for each second, over time.
  var throughputPlot: Plot {
    Plot(
      title: "Output tokens per second, of complete answers", xLabel: "s", yLabel: "tokens/s",
      series: [
        Plot.Series(
          name: "tokens/s", style: "third", mark: .area,
          points: Self.steps(measurement.tokenArrivals.rates(over: span)))
      ], xScale: PlotScale(upTo: span.inSeconds))
  }

  /// Requests under way, over time.
  var underWayPlot: Plot {
    Plot(
      title: "Requests under way", xLabel: "s", yLabel: "requests",
      series: [
        Plot.Series(
          name: "requests", style: "first", mark: .area,
          points: Self.steps(measurement.requestsUnderWay(over: span)))
      ], xScale: PlotScale(upTo: span.inSeconds))
  }

  /// All failures, and as many of the other requests as fit, evenly chosen.
  private var dotted: [Measurement.Point] {
    let points = measurement.points
    guard points.count > Self.maximumDots else { return points }
    return (0..<Self.maximumDots).map { points[$0 * points.count / Self.maximumDots] }
  }

  /// A logarithmic scale where a few long latencies would press the others to the edge.
  ///
  /// It begins at a hundredth of the median: pieces that arrive together have gaps near zero.
  private static func latencyScale(_ values: [Double]) -> PlotScale {
    let middle = values.isEmpty ? 0 : values[values.count / 2]
    let spreads = (values.last ?? 0) > 10 * max(middle, 1e-3)
    guard spreads else { return PlotScale(.linear, covering: values) }
    return PlotScale(.logarithmic, covering: values.filter { $0 >= middle / 100 })
  }

  private static func steps(_ bins: [TimeBins.Bin]) -> [Plot.Point] {
    bins.flatMap { bin in
      [bin.time.lowerBound, bin.time.upperBound].map {
        Plot.Point(x: $0.inSeconds, y: bin.rate)
      }
    }
  }
}
