import Foundation
import GPTModel
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import NIOConcurrencyHelpers
import Testing

@testable import InferenceServer

@Suite("GET /metrics")
struct MetricsTests {
  /// The samples of a document by name and labels, as any reader would find them.
  private func samples(_ response: TestResponse) -> [String: Double] {
    var samples: [String: Double] = [:]
    for line in response.text.split(separator: "\n") where !line.hasPrefix("#") {
      let space = line.lastIndex(of: " ") ?? line.startIndex
      samples[String(line[..<space])] = Double(line[line.index(after: space)...])
    }
    return samples
  }

  @Test("The engine's figures are there under vLLM's names, with its bounds")
  func engine() async throws {
    let service = FakeService(events: [])
    service.reported.withLockedValue { status in
      (status.running, status.waiting) = (3, 2)
      (status.totalPages, status.freePages, status.preemptions) = (100, 40, 5)
      status.cancelToFree[.decoding].add(0.5)
    }
    service.measured.withLockedValue { measures in
      measures.noteStep(rows: 9)
      measures.noteFirstToken(after: 0.03, prompt: 10, cached: 4, looksUp: true)
      measures.noteToken(after: 0.2)
      measures.noteEnd(
        .length, usage: Usage(promptTokens: 10, cachedTokens: 4, completionTokens: 2),
        times: GenerationTimes())
      measures.noteEnd(.abort, usage: Usage(promptTokens: 1), times: GenerationTimes())
    }
    let response = try await InferenceServer(service).answer(.get, "/metrics")
    #expect(response.headers[.contentType] == "text/plain; version=0.0.4; charset=utf-8")
    let samples = samples(response)
    let model = #"{model_name="org/tiny"}"#
    let expected: [String: Double] = [
      "num_requests_running": 3, "num_requests_waiting": 2, "kv_cache_usage_perc": 0.6,
      "prompt_tokens_total": 10, "generation_tokens_total": 2, "prefix_cache_queries_total": 10,
      "prefix_cache_hits_total": 4, "num_preemptions_total": 5,
      "time_to_first_token_seconds_count": 1, "time_to_first_token_seconds_sum": 0.03,
      "inter_token_latency_seconds_sum": 0.2, "time_per_output_token_seconds_count": 1,
      "e2e_request_latency_seconds_count": 1, "request_queue_time_seconds_count": 1,
      "request_prefill_time_seconds_count": 1, "request_decode_time_seconds_count": 1,
      "request_prompt_tokens_sum": 10, "request_generation_tokens_sum": 2,
      "iteration_tokens_total_sum": 9,
    ]
    for (name, value) in expected { #expect(samples["apus:\(name)\(model)"] == value, "\(name)") }
    let endings = ["stop": 0, "length": 1, "abort": 1, "error": 0]
    for (reason, count) in endings {
      let labels = #"{model_name="org/tiny",finished_reason="\#(reason)"}"#
      #expect(samples["apus:request_success_total\(labels)"] == Double(count))
    }
    for bound in ["0.02", "0.04", "2560.0", "+Inf"] {
      let labels = #"{model_name="org/tiny",le="\#(bound)"}"#
      #expect(
        samples["apus:time_to_first_token_seconds_bucket\(labels)"] == (bound == "0.02" ? 0 : 1))
    }
    let cancelled = #"{model_name="org/tiny",phase="decoding"}"#
    #expect(samples["apus:cancel_to_free_seconds_sum\(cancelled)"] == 0.5)
  }

  @Test("The machine's figures are there, and no name is described twice")
  func process() async throws {
    let response = try await InferenceServer(FakeService(events: [])).answer(.get, "/metrics")
    let samples = samples(response)
    #expect(samples["apus:event_loop_lag_seconds"] ?? -1 >= 0)
    #expect(samples.keys.contains { $0.hasPrefix("apus:build_info{") })
    #if os(Linux)
      #expect(samples["process_resident_memory_bytes"] ?? 0 > 1_000_000)
      #expect(samples["process_open_fds"] ?? 0 > 2)
    #endif
    #expect(samples["process_cpu_seconds_total"] ?? 0 > 0)
    let types = response.text.split(separator: "\n").filter { $0.hasPrefix("# TYPE") }
    #expect(Set(types).count == types.count)
  }

  @Test("Answers are counted by address, and refusals by reason")
  func answers() async throws {
    let service = FakeService { _ throws(EngineError) in throw .queueFull(limit: 1) }
    let server = InferenceServer(service)
    #expect(try await server.chat().status == .serviceUnavailable)
    #expect(try await server.chat(headers: [.origin: "http://evil.example"]).status == .forbidden)
    #expect(try await server.answer(.get, "/secret-address").status == .notFound)
    let response = try await server.answer(.get, "/v1/metrics")
    let samples = samples(response)
    #expect(samples[#"apus:request_rejections_total{reason="queue_full"}"#] == 1)
    #expect(samples[#"apus:request_rejections_total{reason="foreign"}"#] == 1)
    #expect(samples[#"apus:request_rejections_total{reason="unauthorized"}"#] == 0)
    let chat = #"apus:http_requests_total{method="POST",route="/v1/chat/completions",status="#
    #expect(samples[chat + #""503"}"#] == 1)
    #expect(samples[chat + #""403"}"#] == 1)
    #expect(!response.text.contains("secret-address"))
  }
}
