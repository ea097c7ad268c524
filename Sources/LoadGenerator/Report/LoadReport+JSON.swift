import JSON
import Platform

extension LoadReport {
  /// The report as one JSON document; latencies are in milliseconds.
  package var json: [UInt8] {
    var json = JSONWriter()
    json.object { json in
      json.member("settings", writeSettings)
      json.member("interrupted") { $0.value(isInterrupted) }
      json.member("seconds") { $0.value(span.inSeconds) }
      json.member("requests") { json in
        json.object { json in
          json.member("completed", completed)
          json.member("failed", failed)
          json.member("unfinished", measurement.unfinished)
          json.member("good", measurement.good)
        }
      }
      json.member("tokens") { json in
        json.object { json in
          json.member("input", measurement.promptTokens)
          json.member("cached", measurement.cachedTokens)
          json.member("output", measurement.completionTokens)
        }
      }
      json.member("requests_per_second") { $0.value(requestsPerSecond) }
      json.member("output_tokens_per_second") { $0.value(outputTokensPerSecond) }
      json.member("input_tokens_per_second") { $0.value(inputTokensPerSecond) }
      json.member("goodput_per_second") { $0.value(goodput) }
      if let price = settings.price { json.member("cost") { write(price, to: &$0) } }
      json.member("latency_ms", writeLatencies)
      json.member("errors", writeFailures)
    }
    return json.bytes
  }

  private func write(_ price: MachinePrice, to json: inout JSONWriter) {
    json.object { json in
      json.member("currency", price.currency)
      json.member("per_hour") { $0.value(price.perHour) }
      json.member("per_million_tokens") { $0.value(costPerMillionTokens ?? .nan) }
      json.member("per_million_output_tokens") { $0.value(costPerMillionOutputTokens ?? .nan) }
    }
  }

  private func writeSettings(_ json: inout JSONWriter) {
    json.object { json in
      json.member("url", settings.endpoint.description)
      json.member("model", model)
      switch settings.load {
      case .closedLoop(let clients): json.member("concurrency", clients)
      case .openLoop(let rate, let pattern):
        json.member("rate") { $0.value(rate) }
        json.member("arrival", pattern.rawValue)
      }
      if let requests = settings.requests { json.member("requests", requests) }
      if let duration = settings.duration {
        json.member("duration_seconds") { $0.value(duration.inSeconds) }
      }
      json.member("warmup", settings.warmup)
      json.member("turns", settings.turns)
      json.member("seed", settings.seed)
      if let tokens = settings.outputTokens { json.member("output_tokens", tokens) }
      json.member("ignore_eos") { $0.value(settings.ignoresEnd) }
      json.member("temperature") { $0.value(settings.temperature) }
      json.member("timeout_seconds") { $0.value(settings.timeout.inSeconds) }
      write(settings.objective.timeToFirstToken, "slo_ttft_ms", to: &json)
      write(settings.objective.interTokenLatency, "slo_itl_ms", to: &json)
    }
  }

  private func write(_ limit: Duration?, _ name: String, to json: inout JSONWriter) {
    if let limit { json.member(name) { $0.value(limit.inMilliseconds) } }
  }

  private func writeLatencies(_ json: inout JSONWriter) {
    json.object { json in
      for latency in latencies {
        json.member(latency.key) { json in write(latency.histogram, to: &json) }
      }
    }
  }

  private func write(_ histogram: LatencyHistogram, to json: inout JSONWriter) {
    func member(_ name: String, _ latency: Duration?, _ json: inout JSONWriter) {
      json.member(name) { $0.value(latency?.inMilliseconds ?? .nan) }
    }
    json.object { json in
      json.member("count", histogram.count)
      member("mean", histogram.mean, &json)
      for percent in Self.percentiles {
        member("p\(Format.number(percent))", histogram.percentile(percent), &json)
      }
      member("max", histogram.longest, &json)
    }
  }

  private func writeFailures(_ json: inout JSONWriter) {
    json.array { json in
      for (kind, failure) in failures {
        json.object { json in
          json.member("kind", kind.description)
          json.member("count", failure.count)
          json.member("example", failure.example)
        }
      }
    }
  }
}
