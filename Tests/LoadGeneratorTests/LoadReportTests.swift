import Foundation
import JSON
import Platform
import Testing

@testable import LoadGenerator

@Suite struct LoadReportTests {
  /// Ten answers of three tokens, 100 ms to the first and 50 ms between them, one each 200 ms.
  private func report(
    failing: Int = 0, model: String = "m", example: String = "x", isInterrupted: Bool = false
  ) throws -> LoadReport {
    var settings = LoadSettings(
      endpoint: try Endpoint(url: "http://127.0.0.1:1"), prompts: Prompts(words: 1, seed: 0))
    settings.requests = 10
    settings.objective.timeToFirstToken = .milliseconds(100)
    var measurement = Measurement(objective: settings.objective)
    for index in 0..<10 {
      let start = Duration.milliseconds(index * 200)
      var answer = Answer()
      answer.pieceTimes = [100, 150, 200].map { start + .milliseconds($0) }
      answer.promptTokens = 20
      let result: Result<Answer, RequestFailure> =
        index < failing
        ? .failure(RequestFailure(.badStream, example)) : .success(answer)
      measurement.add(
        RequestRecord(
          intended: start, sent: start, end: start + .milliseconds(200), result: result))
    }
    return LoadReport(
      settings: settings, model: model, span: .seconds(2), isInterrupted: isInterrupted,
      measurement: measurement)
  }

  @Test("Rates are counts by the time of the run")
  func rates() throws {
    let report = try report(failing: 2)
    #expect(report.requestsPerSecond == 4)
    #expect(report.outputTokensPerSecond == 12)
    #expect(report.inputTokensPerSecond == 80)
    #expect(report.goodput == 4)
  }

  @Test("With a price a million tokens have one, in the table and the JSON")
  func cost() throws {
    let unpriced = try report()
    #expect(!unpriced.table.contains("/M tokens"))
    var settings = unpriced.settings
    settings.price = MachinePrice(perHour: 0.36, currency: "EUR")
    let report = LoadReport(
      settings: settings, model: "m", span: .seconds(2), isInterrupted: false,
      measurement: unpriced.measurement)
    // 30 tokens of answers and 200 of prompts in 2 s, 0.0001 a second.
    #expect(report.table.contains("EUR/M tokens     0.87, 6.67 by output alone\n"))
    guard case .object(let members) = try JSONValue(parsing: report.json),
      case .object(let cost)? = members["cost"],
      case .number(let output)? = cost["per_million_output_tokens"]
    else {
      Issue.record("members are missing")
      return
    }
    #expect(cost["currency"] == .string("EUR") && abs(output - 20 / 3) < 1e-9)
  }

  @Test("A run without answers has no rates and no latencies, in all forms")
  func empty() throws {
    let settings = try report().settings
    let report = LoadReport(
      settings: settings, model: "m", span: .zero, isInterrupted: true,
      measurement: Measurement())
    #expect(report.requestsPerSecond == 0)
    #expect(report.table.contains("Stopped before its end."))
    #expect(report.html.contains("</html>"))
    #expect(throws: Never.self) { try JSONValue(parsing: report.json) }
  }

  @Test("The table has its columns under each other")
  func table() throws {
    let lines = try report(failing: 1).table.split(separator: "\n").map(String.init)
    let start = try #require(lines.firstIndex { $0.hasPrefix("latency in ms") })
    #expect(lines[start] == "latency in ms         mean    p50    p90    p95    p99    max")
    #expect(lines[start + 1] == "time to first token  100.0  100.0  100.0  100.0  100.0  100.0")
    #expect(lines.last == "  bad stream  1  x")
    #expect(lines.contains("goodput          4.5 requests/s (90 % with TTFT ≤ 100 ms)"))
  }

  @Test("The JSON has the same numbers")
  func json() throws {
    guard case .object(let members) = try JSONValue(parsing: report(failing: 3).json),
      case .object(let requests)? = members["requests"],
      case .object(let latencies)? = members["latency_ms"],
      case .object(let first)? = latencies["ttft"],
      case .array(let errors)? = members["errors"], case .object(let error)? = errors.first
    else {
      Issue.record("members are missing")
      return
    }
    #expect(requests["completed"] == .integer(7) && requests["failed"] == .integer(3))
    #expect(members["output_tokens_per_second"] == .number(10.5))
    #expect(first["count"] == .integer(7))
    #expect(error["kind"] == .string("bad stream") && error["count"] == .integer(3))
  }

  @Test("What the server says is text in the page and in the terminal, never markup or commands")
  func hostileText() throws {
    let report = try report(
      failing: 1, model: "<script>\"'&", example: "</td><img src=x>\u{1B}[2J\u{9B}1m\n")
    #expect(!report.html.contains("<script>") && !report.html.contains("<img"))
    #expect(report.html.contains("&lt;script&gt;&quot;&#39;&amp;"))
    for text in [report.html, report.table] {
      #expect(!text.contains("\u{1B}") && !text.contains("\u{9B}"))
    }
  }

  @Test("The page is well-formed and needs nothing from elsewhere")
  func page() throws {
    let page = try report(failing: 1, isInterrupted: true).html
    for forbidden in ["<script", "src=", "@import", "url(", "<link"] {
      #expect(!page.contains(forbidden))
    }
    #expect(page.components(separatedBy: "<svg").count == 7)
    #expect(page.components(separatedBy: "<circle").count - 1 == 18)
    #expect(tagsBalance(page))
    let drawings = page.components(separatedBy: "</style>").last ?? ""
    #expect(!drawings.contains("nan") && !drawings.contains("inf "))
  }

  @Test("Of many requests only some are dots")
  func manyDots() throws {
    var measurement = Measurement()
    for index in 0..<20_000 {
      let start = Duration.milliseconds(index)
      var answer = Answer()
      answer.pieceTimes = [start + .milliseconds(5)]
      measurement.add(
        RequestRecord(
          intended: start, sent: start, end: start + .milliseconds(9), result: .success(answer)))
    }
    let page = LoadReport(
      settings: try report().settings, model: "m", span: .seconds(20), isInterrupted: false,
      measurement: measurement
    ).html
    #expect(page.components(separatedBy: "<circle").count - 1 == 3000)
  }

  /// Whether each tag that is opened is closed in its turn; of what HTML has without an end, the
  /// page has only `meta`.
  private func tagsBalance(_ page: String) -> Bool {
    var open: [Substring] = []
    for part in page.split(separator: "<").dropFirst() {
      guard let tag = part.split(separator: ">").first, !tag.hasPrefix("!"), !tag.hasSuffix("/"),
        !tag.hasPrefix("meta")
      else { continue }
      if tag.hasPrefix("/") {
        guard open.popLast() == tag.dropFirst() else { return false }
      } else {
        open.append(tag.prefix { $0 != " " })
      }
    }
    return open.isEmpty
  }
}
