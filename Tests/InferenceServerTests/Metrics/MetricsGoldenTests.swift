#if os(Linux)
  import Foundation
  import HTTPTypes
  import HummingbirdTesting
  import Testing

  @testable import InferenceServer

  @Suite("The text of /metrics")
  struct MetricsGoldenTests {
    /// The text with stars for what differs from run to run, without what not every machine has.
    private func steady(_ text: String) -> String {
      let varying = ["process_", "apus:event_loop_lag_seconds", "apus:log_lines_dropped_total"]
      return text.split(separator: "\n", omittingEmptySubsequences: false)
        .filter { !$0.contains("apus:cgroup_") }
        .map { line in
          varying.contains(where: line.hasPrefix) ? line.prefix { $0 != " " } + " *" : String(line)
        }
        .joined(separator: "\n")
        .replacing(/swift="[^"]*",build="[^"]*"/, with: #"swift="*",build="*""#)
    }

    @Test("Names, helps, kinds, labels, bounds and their order are those of the golden file")
    func golden() async throws {
      // The golden file is the text of a server with this context length.
      let server = InferenceServer(FakeService(contextLength: 8192, events: []))
      let text = steady(try await server.answer(.get, "/metrics").text)
      let file = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../Goldens/metrics.txt")
      #expect(text == (try String(contentsOf: file, encoding: .utf8)))
    }
  }
#endif
