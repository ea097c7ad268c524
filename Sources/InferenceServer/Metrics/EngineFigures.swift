import GPTModel

/// What the engine measures, under vLLM's names with our prefix.
struct EngineFigures {
  /// The name that clients use for the model.
  let model: String
  /// What the engine is doing.
  let status: EngineStatus
  /// What it has done.
  let measures: EngineMeasures

  /// Writes all metrics.
  func write(to text: inout PrometheusText) {
    writeGauges(to: &text)
    writeCounters(to: &text)
    writeTimes(to: &text)
    writeLengths(to: &text)
    writeCancellations(to: &text)
  }

  private var labels: PrometheusText.Labels { ["model_name": model] }

  private func writeGauges(to text: inout PrometheusText) {
    text.write(
      .gauge, "apus:num_requests_running", "Requests that are being computed.", status.running,
      labels: labels)
    text.write(
      .gauge, "apus:num_requests_waiting", "Requests that wait.", status.waiting, labels: labels)
    text.write(
      .gauge, "apus:num_tokens_waiting", "Tokens of the requests that wait.",
      status.waitingTokens, labels: labels)
    let used = Double(status.totalPages - status.freePages) / Double(max(1, status.totalPages))
    text.write(
      .gauge, "apus:kv_cache_usage_perc", "Share of the cache pages that requests hold, 0 to 1.",
      used, labels: labels)
    text.write(
      .gauge, "apus:step_running_seconds", "How long the step has been running; 0 between steps.",
      status.secondsInStep, labels: labels)
  }

  private func writeCounters(to text: inout PrometheusText) {
    let counters: [(name: String, help: String, value: Int)] = [
      (
        "prompt_tokens_total", "Tokens of prompts, those found computed included.",
        measures.promptTokens
      ),
      ("generation_tokens_total", "Tokens chosen.", measures.generatedTokens),
      (
        "prefix_cache_queries_total", "Tokens of prompts that might have been found computed.",
        measures.lookedUpTokens
      ),
      (
        "prefix_cache_hits_total", "Tokens of prompts that were found computed.",
        measures.cachedTokens
      ),
      (
        "num_preemptions_total", "Times that a request lost its cache pages to another.",
        status.preemptions
      ),
    ]
    for counter in counters {
      text.write(
        .counter, "apus:\(counter.name)", counter.help, counter.value, labels: labels)
    }
    text.write(.counter, "apus:request_success_total", "Requests by how they ended.") { samples in
      for ending in GenerationEnding.allCases {
        samples.sample(
          measures.endings[ending] ?? 0, labels: labels,
          extra: ("finished_reason", ending.rawValue))
      }
    }
  }

  private func writeTimes(to text: inout PrometheusText) {
    let times: [(name: String, help: String, distribution: Distribution)] = [
      (
        "time_to_first_token_seconds", "From arrival to the first token.",
        measures.timeToFirstToken
      ),
      (
        "inter_token_latency_seconds", "Between a token and the one before.",
        measures.interTokenLatency
      ),
      (
        "time_per_output_token_seconds", "The same, under the name it had before.",
        measures.interTokenLatency
      ),
      ("e2e_request_latency_seconds", "From arrival to the last token.", measures.endToEndTime),
      ("request_queue_time_seconds", "From arrival to the start.", measures.queueTime),
      (
        "request_prefill_time_seconds", "From the start to the first token.",
        measures.prefillTime
      ),
      ("request_decode_time_seconds", "From the first token to the last.", measures.decodeTime),
    ]
    for time in times {
      text.write("apus:\(time.name)", time.help, time.distribution, labels: labels)
    }
  }

  private func writeLengths(to text: inout PrometheusText) {
    text.write(
      "apus:request_prompt_tokens", "Tokens of a prompt.", measures.promptLength, labels: labels)
    text.write(
      "apus:request_generation_tokens", "Tokens of an answer.", measures.answerLength,
      labels: labels)
    text.write(
      "apus:iteration_tokens_total", "Tokens of a step, chosen ones and those of prompts.",
      measures.rowsPerStep, labels: labels)
  }

  private func writeCancellations(to text: inout PrometheusText) {
    text.write(
      .summary, "apus:cancel_to_free_seconds", "How long cancelled requests kept what they held."
    ) { samples in
      for phase in GenerationPhase.allCases {
        let tally = status.cancelToFree[phase]
        let labels: PrometheusText.Labels = ["model_name": model, "phase": phase.rawValue]
        for share in [0.5, 0.99] {
          samples.sample(
            tally.quantile(share), labels: labels, extra: ("quantile", share.prometheus))
        }
        samples.sample(tally.total, suffix: "_sum", labels: labels)
        samples.sample(tally.count, suffix: "_count", labels: labels)
      }
    }
  }
}
