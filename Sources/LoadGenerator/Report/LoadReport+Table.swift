import Platform

extension LoadReport {
  /// The report as text for a terminal.
  package var table: String {
    var lines = ["\(settings.endpoint) | \(Format.plain(model)) | \(loadDescription)", ""]
    if isInterrupted { lines += ["Stopped before its end.", ""] }
    lines += Self.aligned(totals, isLeft: [true, true])
    lines.append("")
    lines += Self.aligned(latencyRows, isLeft: [true])
    if !failures.isEmpty {
      lines += ["", "errors"]
      lines += Self.aligned(
        failures.map { entry in
          [
            "  \(entry.kind)", String(entry.failure.count),
            String(Format.plain(entry.failure.example).prefix(120)),
          ]
        }, isLeft: [true, false, true])
    }
    return lines.joined(separator: "\n")
  }

  /// Names and values of what was counted.
  var totals: [[String]] {
    var requests = "\(completed) completed, \(failed) failed"
    if measurement.unfinished > 0 { requests += ", \(measurement.unfinished) unfinished" }
    var rows = [
      ["requests", requests],
      ["time", "\(Format.number(span.inSeconds)) s"],
      ["requests/s", Format.number(requestsPerSecond)],
      [
        "output tokens/s",
        "\(Format.number(outputTokensPerSecond)) (\(measurement.completionTokens) tokens)",
      ],
      [
        "input tokens/s",
        "\(Format.number(inputTokensPerSecond)) (\(measurement.promptTokens) tokens,"
          + " \(measurement.cachedTokens) from cache)",
      ],
    ]
    if let price = settings.price, let all = costPerMillionTokens {
      let output = costPerMillionOutputTokens.map { ", \(Format.number($0)) by output alone" }
      rows.append(
        ["\(price.currency)/M tokens", Format.number(all) + (output ?? "")])
    }
    if settings.objective.isSet {
      let share = Format.percent(measurement.good, of: completed + failed)
      rows.append([
        "goodput",
        "\(Format.number(goodput)) requests/s (\(share) with \(objectiveDescription))",
      ])
    }
    return rows
  }

  /// The head and the rows of the table of latencies.
  var latencyRows: [[String]] {
    let head =
      ["latency in ms", "mean"] + Self.percentiles.map { "p\(Format.number($0))" } + ["max"]
    return [head]
      + latencies.map { latency in
        let figures =
          [latency.histogram.mean] + Self.percentiles.map(latency.histogram.percentile)
          + [latency.histogram.longest]
        return [latency.name] + figures.map(Format.milliseconds)
      }
  }

  /// Pads columns to equal widths; those not said to be left are right-aligned.
  static func aligned(_ rows: [[String]], isLeft: [Bool]) -> [String] {
    let columns = rows.map(\.count).max() ?? 0
    let widths = (0..<columns).map { column in
      rows.compactMap { $0.indices.contains(column) ? $0[column].count : nil }.max() ?? 0
    }
    return rows.map { row in
      let cells = row.enumerated().map { column, cell in
        let padding = String(repeating: " ", count: widths[column] - cell.count)
        let left = isLeft.indices.contains(column) && isLeft[column]
        return left ? cell + padding : padding + cell
      }
      let line = cells.joined(separator: "  ")
      return String(line.reversed().drop { $0 == " " }.reversed())
    }
  }
}
