/// What an engine measures, as of one moment.
package struct EngineFigures: Sendable, Hashable {
  /// What it is doing.
  package let status: EngineStatus
  /// What it has done.
  package let measures: EngineMeasures

  /// Takes both together.
  package init(status: EngineStatus, measures: EngineMeasures) {
    self.status = status
    self.measures = measures
  }
}

extension EngineFigures {
  /// All that is told of an engine, under the names that vLLM has for it.
  package static let metrics: [Metric<EngineFigures>] =
    [gauges, counters, [endings], times, lengths, [cancellations], constraints].flatMap { $0 }

  private static let gauges: [Metric<EngineFigures>] = [
    Metric("num_requests_running", .gauge, .requests, "Requests that are being computed.") {
      .integer($0.status.running)
    },
    Metric("num_requests_waiting", .gauge, .requests, "Requests that wait.") {
      .integer($0.status.waiting)
    },
    Metric("num_tokens_waiting", .gauge, .tokens, "Tokens of the requests that wait.") {
      .integer($0.status.waitingTokens)
    },
    Metric(
      "kv_cache_usage_perc", .gauge, .share, "Share of the cache pages that requests hold, 0 to 1."
    ) {
      let (free, total) = ($0.status.freePages, $0.status.totalPages)
      return .real(Double(total - free) / Double(max(1, total)))
    },
    Metric(
      "cache_config_info", .gauge, .none,
      "The KV cache by its labels, positions of a block and blocks; always 1."
    ) {
      let (positions, pages) = ($0.status.positionsPerPage, $0.status.totalPages)
      return .samples([
        MetricSample(
          .integer(1), labels: ["block_size": "\(positions)", "num_gpu_blocks": "\(pages)"])
      ])
    },
    Metric(
      "step_running_seconds", .gauge, .seconds,
      "How long the step has been running; 0 between steps."
    ) { .real($0.status.secondsInStep) },
  ]

  private static let counters: [Metric<EngineFigures>] = [
    Metric(
      "prompt_tokens_total", .counter, .tokens,
      "Tokens of prompts, those of prefix cache hits included."
    ) { .integer($0.measures.promptTokens) },
    Metric("generation_tokens_total", .counter, .tokens, "Tokens chosen.") {
      .integer($0.measures.generatedTokens)
    },
    Metric(
      "prefix_cache_queries_total", .counter, .tokens,
      "Tokens of prompts that were looked up in the prefix cache."
    ) { .integer($0.measures.lookedUpTokens) },
    Metric(
      "prefix_cache_hits_total", .counter, .tokens,
      "Tokens of prompts that were found in the prefix cache."
    ) { .integer($0.measures.cachedTokens) },
    Metric(
      "spec_decode_num_draft_tokens_total", .counter, .tokens,
      "Tokens that were drafted and computed."
    ) { .integer($0.measures.draftedTokens) },
    Metric(
      "spec_decode_num_accepted_tokens_total", .counter, .tokens,
      "Drafted tokens that were chosen."
    ) { .integer($0.measures.acceptedDraftTokens) },
    Metric(
      "num_preemptions_total", .counter, .times,
      "Preemptions: times that a request lost its cache pages to another."
    ) { .integer($0.status.preemptions) },
  ]

  private static let endings = Metric<EngineFigures>(
    "request_success_total", .counter, .requests, "Requests by how they ended."
  ) { figures in
    .samples(
      GenerationEnding.allCases.map { ending in
        MetricSample(
          .integer(figures.measures.endings[ending] ?? 0),
          labels: ["finished_reason": ending.rawValue])
      })
  }

  private static let times: [Metric<EngineFigures>] = [
    time("time_to_first_token_seconds", "From arrival to the first token.") {
      $0.timeToFirstToken
    },
    time("inter_token_latency_seconds", "Between a token and the one before.") {
      $0.interTokenLatency
    },
    time("time_per_output_token_seconds", "The inter-token latency, under its former name.") {
      $0.interTokenLatency
    },
    time("e2e_request_latency_seconds", "From arrival to the last token.") { $0.endToEndTime },
    time("request_queue_time_seconds", "From arrival to the start.") { $0.queueTime }
      .perRequest { $0.queued },
    time("request_prefill_time_seconds", "From the start to the first token.") { $0.prefillTime }
      .perRequest { $0.prefill },
    time("request_decode_time_seconds", "From the first token to the last.") { $0.decodeTime }
      .perRequest { $0.decode },
  ]

  private static let lengths: [Metric<EngineFigures>] = [
    Metric("request_prompt_tokens", .histogram, .tokens, "Tokens of a prompt.") {
      .distribution($0.measures.promptLength)
    },
    Metric("request_generation_tokens", .histogram, .tokens, "Tokens of an answer.") {
      .distribution($0.measures.answerLength)
    },
    Metric(
      "iteration_tokens_total", .histogram, .tokens,
      "Tokens of a step, chosen ones and those of prompts."
    ) { .distribution($0.measures.rowsPerStep) },
  ]

  private static let cancellations = Metric<EngineFigures>(
    "cancel_to_free_seconds", .summary, .seconds,
    "From the cancellation of a request to the release of its cache pages."
  ) { figures in
    .samples(
      GenerationPhase.allCases.flatMap { phase in
        let (tally, name) = (figures.status.cancelToFree[phase], phase.rawValue)
        let quantiles = [0.5, 0.99].map { share in
          MetricSample(
            .real(tally.quantile(share)), labels: ["phase": name, "quantile": "\(share)"])
        }
        return quantiles + [
          MetricSample(.real(tally.total), labels: ["phase": name], suffix: "_sum"),
          MetricSample(.integer(tally.count), labels: ["phase": name], suffix: "_count"),
        ]
      })
  }

  private static func time(
    _ name: String, _ help: String,
    _ distribution: @escaping @Sendable (EngineMeasures) -> Distribution
  ) -> Metric<EngineFigures> {
    Metric(name, .histogram, .seconds, help) { .distribution(distribution($0.measures)) }
  }
}
