import Foundation
import GPTModel
import HTTPTypes
import NIOConcurrencyHelpers
import Platform
import Testing

@testable import InferenceServer

@Suite("What tokens cost")
struct CostFiguresTests {
  private func server(price: MachinePrice?, accounts: Bool = true) -> InferenceServer {
    let service = FakeService(events: [])
    service.measured.withLockedValue { measures in
      // An hour of steps: 3000 s for 100 tokens of prompts, 600 s for 20 of answers.
      measures.changeAccount(of: accounts ? "ann" : nil) { account in
        account = .made(prompt: 100, cached: 60, written: 20, seconds: (3000, 600))
      }
    }
    var configuration = ServerConfiguration()
    configuration.price = price
    return InferenceServer(service, configuration: configuration)
  }

  @Test("With a price there is money for all and for each key")
  func priced() async throws {
    let text = try await server(price: MachinePrice(perHour: 6, currency: "EUR"))
      .answer(.get, "/metrics").text
    for line in [
      #"apus:step_seconds_total{kind="prompt"} 3000.0"#,
      #"apus:cost_total{currency="EUR",kind="prompt"} 5.0"#,
      #"apus:cost_total{currency="EUR",kind="written"} 1.0"#,
      // The server began after all these seconds, so none was idle.
      #"apus:cost_total{currency="EUR",kind="idle"} 0.0"#,
      #"apus:client_tokens_total{client="ann",kind="prompt"} 100"#,
      #"apus:client_tokens_total{client="ann",kind="cached"} 60"#,
      #"apus:client_tokens_total{client="ann",kind="written"} 20"#,
      #"apus:client_cost_total{client="ann",currency="EUR",kind="prompt"} 5.0"#,
      #"apus:client_cost_total{client="ann",currency="EUR",kind="written"} 1.0"#,
    ] { #expect(text.contains(line + "\n"), "\(line)") }
  }

  @Test("Without a price there is none, and without keys there are no clients")
  func unpriced() async throws {
    let text = try await server(price: nil, accounts: false).answer(.get, "/metrics").text
    #expect(text.contains("apus:step_seconds_total"))
    #expect(!text.contains("apus:cost_total") && !text.contains("apus:client_"))
  }

  @Test("The model's description says what a million tokens cost so far")
  func model() async throws {
    func cost(_ price: MachinePrice?, _ server: InferenceServer) async throws -> [String: Any]? {
      let document = try await server.answer(.get, "/v1/models/org/tiny").document()
      return document["cost"] as? [String: Any]
    }
    let price = MachinePrice(perHour: 6)
    let cost = try #require(try await cost(price, server(price: price)))
    #expect(cost["currency"] as? String == "USD" && cost["per_hour"] as? Double == 6)
    // 30 s a token at 6 an hour.
    #expect(cost["per_million_prompt_tokens"] as? Double == 50_000)
    #expect(cost["per_million_written_tokens"] as? Double == 50_000)
    #expect(
      try await self.server(price: nil).answer(.get, "/v1/models/org/tiny")
        .document()["cost"] == nil)
  }

  @Test("Before the first token the costs are null")
  func unmeasured() async throws {
    var configuration = ServerConfiguration()
    configuration.price = MachinePrice(perHour: 6)
    let text = try await InferenceServer(FakeService(events: []), configuration: configuration)
      .answer(.get, "/v1/models").text
    #expect(text.contains(#""per_million_prompt_tokens":null,"per_million_written_tokens":null"#))
  }
}
