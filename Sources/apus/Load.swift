import ArgumentParser
import Dispatch
import Foundation
import LoadGenerator

extension Arrivals.Pattern: ExpressibleByArgument {}

/// Measures a server under load.
struct Load: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Measure a server under load, as its clients see it.",
    discussion: """
      Sends streamed chat completions to any server with OpenAI's interface, over HTTP/1.1.

      A closed loop (--concurrency) keeps so many requests under way: what the server can do. An \
      open loop (--rate) sends whether or not earlier requests have been answered, as people do: \
      how it feels. There, latencies count from the moment a request was due, so that a server \
      which stalls is charged for those who wait (no coordinated omission); the send delay says \
      how late the sending itself was. Requests are never sent twice.

      The time to the first token ends with the first piece of content, and the inter-token \
      latency lies between two pieces. Goodput counts the answers that meet --slo-ttft and whose \
      mean inter-token latency meets --slo-itl. Ctrl-C prints the report so far.
      """)

  @Argument(help: "The server, such as http://127.0.0.1:8080/v1.")
  var url = "http://127.0.0.1:8080/v1"

  @OptionGroup(title: "Load") var pace: LoadPaceOptions
  @OptionGroup(title: "Requests") var content: LoadContentOptions
  @OptionGroup(title: "Report") var output: LoadReportOptions
  @OptionGroup(title: "Cost") var price: PriceOptions

  func run() async throws {
    let settings = try settings()
    let line = ProgressLine()
    let test = LoadTest(settings: settings) { line.show(Self.text(of: $0)) }
    let task = Task { () throws(LoadError) in try await test.run() }
    let signals = StopSignals { task.cancel() }
    let result = await task.result
    signals.end()
    line.finish()
    switch result {
    case .failure(let error):
      printError("apus: \(error)")
      throw ExitCode.failure
    case .success(let report):
      try output.write(report)
      if report.completed == 0, !report.isInterrupted { throw ExitCode.failure }
    }
  }

  private func settings() throws -> LoadSettings {
    do {
      var settings = LoadSettings(
        endpoint: try Endpoint(url: url), prompts: try content.prompts(seed: pace.seed))
      pace.apply(to: &settings)
      try content.apply(to: &settings)
      settings.objective = output.objective
      settings.price = price.price
      return settings
    } catch let error as LoadError {
      throw ValidationError("\(error)")
    }
  }

  private static func text(of progress: LoadProgress) -> String {
    let median = progress.medianTimeToFirstToken.map {
      ", TTFT p50 \(rounded($0.inMilliseconds, 0)) ms"
    }
    return "\(rounded(progress.elapsed.inSeconds, 0)) s\(progress.isWarmup ? " (warm-up)" : ""):"
      + " \(progress.completed) completed, \(progress.failed) failed,"
      + " \(progress.underWay) under way, \(rounded(progress.tokensPerSecond, 1)) tokens/s"
      + (median ?? "")
  }
}

/// Calls back on the first signal to stop; a second one ends the process as usual.
private final class StopSignals {
  private let sources: [any DispatchSourceSignal]

  init(_ stop: @escaping @Sendable () -> Void) {
    sources = [SIGINT, SIGTERM].map { number in
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number)
      source.setEventHandler {
        signal(number, SIG_DFL)
        stop()
      }
      source.resume()
      return source
    }
  }

  func end() {
    for source in sources { source.cancel() }
  }
}
