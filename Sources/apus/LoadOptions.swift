import ArgumentParser
import Foundation
import LoadGenerator

/// When requests are sent, and how many.
struct LoadPaceOptions: ParsableArguments {
  @Option(help: "Requests per second: an open loop.")
  var rate: Double?

  @Option(help: "The arrivals of an open loop: poisson or constant.")
  var arrival = Arrivals.Pattern.poisson

  @Option(help: "Clients that each wait for their answer: a closed loop; 8 if left out.")
  var concurrency: Int?

  @Option(help: "Requests to send; 100 if neither this nor --duration is given.")
  var requests: Int?

  @Option(help: "Seconds after which no request is sent; running requests finish.")
  var duration: Double?

  @Option(help: "Requests to send first that are not counted.")
  var warmup = 0

  @Option(help: "The seed of arrivals and prompts.")
  var seed: UInt64 = 0

  @Option(help: "Seconds that an answer may take.")
  var timeout = 600.0

  func validate() throws {
    if rate != nil, concurrency != nil {
      throw ValidationError("Give --rate (an open loop) or --concurrency (a closed loop).")
    }
    if let rate, !(rate >= 0.001 && rate <= 100_000) {
      throw ValidationError("--rate must be from 0.001 to 100000.")
    }
    guard (1...65_536).contains(concurrency ?? 1) else {
      throw ValidationError("--concurrency must be from 1 to 65536.")
    }
    guard (1...1_000_000).contains(requests ?? 1), (0...1_000_000).contains(warmup) else {
      throw ValidationError("--requests must be from 1 to 1000000, --warmup from 0 to that.")
    }
    guard (duration ?? 1) > 0, (duration ?? 1) <= 86_400, timeout >= 0.001, timeout <= 86_400
    else { throw ValidationError("--duration and --timeout must be above 0 and up to 86400.") }
  }

  /// Carries the options over.
  func apply(to settings: inout LoadSettings) {
    settings.load =
      rate.map { .openLoop(rate: $0, pattern: arrival) } ?? .closedLoop(clients: concurrency ?? 8)
    settings.requests = requests ?? (duration == nil ? 100 : nil)
    settings.duration = duration.map { .bounded(seconds: $0) }
    settings.warmup = warmup
    settings.seed = seed
    settings.timeout = .bounded(seconds: timeout)
  }
}

/// What the requests say.
struct LoadContentOptions: ParsableArguments {
  @Option(help: "A file of prompts: one a line, or {\"prompt\": ..., \"max_tokens\": ...} a line.")
  var prompts: String?

  @Option(help: "Words, about one token each, of a made-up prompt; 128 if left out.")
  var promptTokens: Int?

  @Option(
    help: "Tokens of each answer, which then ignores its own end; 128 unless --prompts is given.")
  var outputTokens: Int?

  @Option(help: "Words with which every conversation begins alike, to measure a prefix cache.")
  var sharedPrefix = 0

  @Option(help: "Turns of each conversation; each sends what was said before.")
  var turns = 1

  @Option(help: "The model's name; the first that the server lists if left out.")
  var model: String?

  @Option(help: "Randomness of the answers.")
  var temperature = 0.0

  @Option(help: "A header such as \"X-Name: value\"; may be repeated.")
  var header: [String] = []

  @Option(help: "A key to send as the bearer's.")
  var apiKey: String?

  func validate() throws {
    guard (1...1_000_000).contains(promptTokens ?? 1), (0...1_000_000).contains(sharedPrefix),
      (1...1_000_000).contains(outputTokens ?? 1), (1...1000).contains(turns)
    else {
      throw ValidationError(
        "--prompt-tokens, --output-tokens and --shared-prefix must be up to 1000000, --turns up"
          + " to 1000.")
    }
    guard temperature >= 0, temperature <= 2 else {
      throw ValidationError("--temperature must be from 0 to 2.")
    }
    if prompts != nil, promptTokens != nil {
      throw ValidationError("Give --prompts or --prompt-tokens.")
    }
  }

  /// The prompts of a file, or made-up ones.
  func prompts(seed: UInt64) throws -> Prompts {
    guard let prompts else {
      return Prompts(words: promptTokens ?? 128, sharedWords: sharedPrefix, seed: seed)
    }
    return try Prompts(lines: InputText.read(file: prompts), sharedWords: sharedPrefix, seed: seed)
  }

  /// Carries the options over.
  func apply(to settings: inout LoadSettings) throws {
    settings.outputTokens = outputTokens ?? (prompts == nil ? 128 : nil)
    settings.ignoresEnd = outputTokens != nil || prompts == nil
    settings.turns = turns
    settings.model = model
    settings.temperature = temperature
    settings.headers = try header.map { try HeaderField(parsing: $0) }
    if let apiKey {
      settings.headers.append(try HeaderField(name: "Authorization", value: "Bearer \(apiKey)"))
    }
  }
}

/// Where the report goes, and what counts as good.
struct LoadReportOptions: ParsableArguments {
  @Option(help: "Write the report as JSON to this file; - prints it instead of the table.")
  var json: String?

  @Option(help: "Write the report as one HTML page to this file.")
  var html: String?

  @Option(help: "Milliseconds that the first token of a good answer may take.")
  var sloTtft: Double?

  @Option(help: "Milliseconds that may lie between the tokens of a good answer, in the mean.")
  var sloItl: Double?

  func validate() throws {
    guard (sloTtft ?? 1) > 0, (sloItl ?? 1) > 0 else {
      throw ValidationError("--slo-ttft and --slo-itl must be above 0.")
    }
  }

  /// What counts as good.
  var objective: ServiceObjective {
    var objective = ServiceObjective()
    objective.timeToFirstToken = sloTtft.map { .bounded(seconds: $0 / 1000) }
    objective.interTokenLatency = sloItl.map { .bounded(seconds: $0 / 1000) }
    return objective
  }

  /// Prints the report, and writes it to the files that are named.
  func write(_ report: LoadReport) throws {
    if json == "-" {
      try show(String(decoding: report.json, as: UTF8.self))
    } else {
      try show(report.table)
    }
    if let json, json != "-" {
      try Data(report.json + [UInt8(ascii: "\n")]).write(to: URL(filePath: json))
    }
    if let html { try Data(report.html.utf8).write(to: URL(filePath: html)) }
  }
}
