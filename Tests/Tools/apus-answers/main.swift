import Evaluation
import GPTModel

// Answers questions in process, for comparison with a server:
//
//     apus-answers MODEL [--threads N] [--rows N] [--parallel N] [--ngram] [--time] [--scores]
//
// Reads a line for each question, `TEMPERATURE <tab> SEED <tab> TEXT`, and writes a line of JSON for each
// answer, in the same order. With --scores a line has the numbers of tokens instead, and the answer how
// likely each but the first is: by the engine, and by a plain softmax. With --ngram tokens are drafted by
// prompt lookup. With --time the answers come one after the other, without reports, of at most 256 tokens,
// and each with its seconds and the tokens that were drafted.

func option(_ name: String) -> Int? {
  let arguments = CommandLine.arguments
  guard let place = arguments.firstIndex(of: name), place + 1 < arguments.count else { return nil }
  return Int(arguments[place + 1])
}

func isTimed() -> Bool { CommandLine.arguments.contains("--time") }

func request(_ line: String, model: LoadedModel) throws -> GenerationRequest? {
  let fields = line.split(separator: "\t", maxSplits: 2)
  guard fields.count == 3, let temperature = Float(fields[0]), let seed = UInt64(fields[1]) else {
    return nil
  }
  var request = try model.request(
    for: [ChatMessage(role: "user", content: String(fields[2]))],
    stop: StopCondition(maximumTokens: isTimed() ? 256 : 64))
  request.sampling.temperature = temperature
  request.sampling.seed = seed
  request.alternatives = isTimed() ? nil : 2
  return request
}

func answer(_ stream: GenerationStream) async throws -> JSONWriter {
  var (text, reports) = ("", [TokenLogprobs]())
  var summary: GenerationSummary?
  for try await event in stream {
    switch event {
    case .progress, .prompt: break
    case .token(let token):
      text += token.text
      if let report = token.logprobs { reports.append(report) }
    case .finished(let last):
      text += last.text
      summary = last
    }
  }
  var json = JSONWriter()
  json.object { json in
    json.member("text", text)
    json.member("finish_reason", summary?.reason == .length ? "length" : "stop")
    json.member("completion_tokens", summary?.usage.completionTokens ?? 0)
    if isTimed(), let summary {
      json.member("microseconds", Int(summary.times.decode * 1e6))
      json.member("accepted", summary.usage.acceptedDraftTokens)
      json.member("rejected", summary.usage.rejectedDraftTokens)
    }
    json.member("logprobs") { json in
      json.array { json in
        for report in reports {
          json.array { json in
            for entry in [report.chosen] + report.alternatives { json.value(entry.logprob) }
          }
        }
      }
    }
  }
  return json
}

/// How likely the tokens of a line are.
func scores(_ line: String, engine: Engine, scorer: Scorer) async throws -> JSONWriter {
  let tokens = line.split(separator: " ").compactMap { Token($0) }
  var request = GenerationRequest(prompt: tokens, stop: StopCondition(maximumTokens: 0))
  request.promptAlternatives = 0
  var reports: [TokenLogprobs] = []
  for try await event in try engine.generate(request) {
    if case .prompt(let report) = event { reports = report.logprobs }
  }
  let reference = try scorer.negativeLogLikelihoods(of: tokens, at: 1..<tokens.count)
  var json = JSONWriter()
  json.object { json in
    json.member("logprobs") { json in
      json.array { json in
        for report in reports { json.value(report.chosen.logprob) }
      }
    }
    json.member("ranks") { json in
      json.array { json in
        for report in reports { json.value(report.rank ?? 0) }
      }
    }
    json.member("reference") { json in
      json.array { json in
        for loss in reference { json.value(-loss) }
      }
    }
  }
  return json
}

func scoreAll(_ lines: [String], path: String) async throws {
  let model = try LoadedModel.read(path: path)
  let (engine, scorer) = (try Engine(model: model), try Scorer(model: model))
  for line in lines {
    let json = try await scores(line, engine: engine, scorer: scorer)
    print(String(decoding: json.bytes, as: UTF8.self))
  }
}

func answerAll(_ lines: [String], path: String) async throws {
  let model = try LoadedModel.read(path: path)
  var configuration = EngineConfiguration()
  configuration.threads = option("--threads")
  configuration.runningSequences = option("--parallel") ?? 16
  configuration.rowsPerStep = option("--rows") ?? configuration.rowsPerStep
  if CommandLine.arguments.contains("--ngram") { configuration.speculation = .ngram }
  // Long enough for every step to have all of its rows.
  configuration.interTokenTarget = 60
  configuration.waitingRequests = max(1, lines.count)
  configuration.waitingTokens = .max
  let engine = try Engine(model: model, configuration: configuration)
  if isTimed() {
    for line in lines {
      guard let request = try request(line, model: model) else { continue }
      let json = try await answer(engine.generate(request))
      print(String(decoding: json.bytes, as: UTF8.self))
    }
    return
  }
  let streams = try lines.compactMap { try request($0, model: model) }.map(engine.generate)
  let answers = try await withThrowingTaskGroup(of: (Int, JSONWriter).self) { group in
    for (number, stream) in streams.enumerated() {
      group.addTask { (number, try await answer(stream)) }
    }
    var answers: [Int: JSONWriter] = [:]
    for try await (number, json) in group { answers[number] = json }
    return answers
  }
  for number in streams.indices {
    print(String(decoding: answers[number]?.bytes ?? [], as: UTF8.self))
  }
}

if CommandLine.arguments.count < 2 {
  print(
    "usage: apus-answers MODEL [--threads N] [--rows N] [--parallel N] [--ngram] [--time] [--scores]"
  )
} else {
  var lines: [String] = []
  while let line = readLine() { lines.append(line) }
  if CommandLine.arguments.contains("--scores") {
    try await scoreAll(lines, path: CommandLine.arguments[1])
  } else {
    try await answerAll(lines, path: CommandLine.arguments[1])
  }
}
