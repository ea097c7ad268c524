extension EngineFigures {
  /// What is told of forms of answers.
  static let constraints: [Metric<EngineFigures>] = [
    Metric(
      "constraint_cache_hits_total", .counter, .times,
      "Forms of answers that were asked for and compiled already."
    ) { .integer($0.measures.constraints.hits) },
    Metric(
      "constraint_cache_misses_total", .counter, .times,
      "Forms of answers that had to be compiled."
    ) { .integer($0.measures.constraints.misses) },
    Metric(
      "constraint_bytes", .gauge, .bytes, "Memory of compiled forms of answers, about."
    ) { .integer($0.measures.constraints.bytes) },
    Metric(
      "constraint_refused_total", .counter, .times,
      "Forms of answers that cannot be enforced, by why."
    ) { figures in
      .samples(
        ConstraintError.Code.allCases.map { code in
          MetricSample(
            .integer(figures.measures.constraints.refusals[code] ?? 0),
            labels: ["code": code.rawValue])
        })
    },
    Metric(
      "constraint_compile_seconds", .histogram, .seconds,
      "The time to compile a form of answers, or to refuse it."
    ) { .distribution($0.measures.constraints.compileTime) },
    Metric(
      "mask_seconds", .histogram, .seconds,
      "The time to work out which tokens the form of an answer allows next."
    ) { .distribution($0.measures.constraints.maskTime) },
    Metric(
      "forced_tokens_total", .counter, .tokens,
      "Tokens that were taken because the form of the answer allows no other."
    ) { .integer($0.measures.constraints.forcedTokens) },
  ]
}
