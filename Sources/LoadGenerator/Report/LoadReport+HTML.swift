extension LoadReport {
  /// The report as one page that needs nothing else.
  package var html: String {
    let about = "\(model) at \(settings.endpoint) – \(loadDescription)"
    let notice = isInterrupted ? "<p class=\"notice\">Stopped before its end.</p>" : ""
    let distributions = distributionPlots.map(\.figure).joined()
    return """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <title>Load test of \(Format.escaped(model))</title>
      <style>
      \(PageStyle.css)
      </style>
      </head>
      <body>
      <h1>Load test</h1>
      <p class="about">\(Format.escaped(about))</p>
      \(notice)
      <div class="tiles">\(tiles)</div>
      <section>\(latencyTable)</section>
      \(failureSection)\(latencyPlot.figure)
      <div class="row">\(distributions)</div>
      \(throughputPlot.figure)
      \(underWayPlot.figure)
      <section><h2>Details</h2><table class="facts">\(details)</table></section>
      </body>
      </html>

      """
  }

  private var tiles: String {
    var tiles = [
      tile(Format.number(outputTokensPerSecond), "output tokens/s"),
      tile(Format.number(requestsPerSecond), "requests/s"),
      tile(Format.milliseconds(measurement.timeToFirstToken.percentile(50)), "TTFT p50, ms"),
      tile(Format.milliseconds(measurement.interTokenLatency.percentile(50)), "ITL p50, ms"),
      tile(Format.milliseconds(measurement.endToEnd.percentile(50)), "E2E p50, ms"),
    ]
    if settings.objective.isSet {
      tiles.append(
        tile(Format.percent(measurement.good, of: completed + failed), objectiveDescription))
    }
    tiles.append(tile("\(failed)", "failed of \(completed + failed)", isBad: failed > 0))
    return tiles.joined()
  }

  private func tile(_ figure: String, _ name: String, isBad: Bool = false) -> String {
    "<div\(isBad ? " class=\"bad\"" : "")><b>\(figure)</b>"
      + "<span>\(Format.escaped(name))</span></div>"
  }

  private var latencyTable: String {
    let rows = latencyRows.enumerated().map { index, cells in
      let tag = index == 0 ? "th" : "td"
      return "<tr>" + cells.map { "<\(tag)>\(Format.escaped($0))</\(tag)>" }.joined() + "</tr>"
    }
    return "<table>\(rows.joined())</table>"
  }

  private var failureSection: String {
    guard !failures.isEmpty else { return "" }
    let rows = failures.map { kind, failure in
      "<tr><td>\(Format.escaped(kind.description))</td><td>\(failure.count)</td>"
        + "<td class=\"text\">\(Format.escaped(Format.plain(failure.example)))</td></tr>"
    }
    return "<section><h2>Errors</h2><table class=\"facts\">\(rows.joined())</table></section>\n"
  }

  private var details: String {
    var rows = totals
    rows.append(["load", loadDescription])
    rows.append(["warm-up", "\(settings.warmup) requests"])
    rows.append(["seed", "\(settings.seed)"])
    rows.append([
      "answers",
      "\(settings.outputTokens.map { "\($0) tokens" } ?? "as long as they get")"
        + (settings.ignoresEnd ? ", ignoring their end" : ""),
    ])
    rows.append(["timeout", "\(Format.number(settings.timeout.inSeconds)) s"])
    return rows.map { row in
      "<tr><td>\(Format.escaped(row[0]))</td><td class=\"text\">\(Format.escaped(row[1]))</td></tr>"
    }.joined()
  }
}
