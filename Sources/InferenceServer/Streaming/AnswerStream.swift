import GPTModel
import HTTPTypes
import Hummingbird

/// Turns what happens to an answer into the events of one protocol's stream.
protocol AnswerStream: Sendable {
  /// What an event of a generation gives rise to: nothing while its text is withheld.
  mutating func events(for event: ChoiceEvent) -> ServerSentEvents
  /// The end of the stream.
  mutating func closing() -> ServerSentEvents
}

extension Response {
  /// Streams an answer; the head waits for the first event, so that a refusal has a status of its own.
  static func stream(_ stream: some AnswerStream, of events: ChoiceEvents) async throws -> Response
  {
    let first = try await events.next()
    return Response(
      status: .ok,
      headers: [
        .contentType: "text/event-stream; charset=utf-8", .cacheControl: "no-cache",
        .accelBuffering: "no",
      ],
      body: ResponseBody { writer in
        var stream = stream
        do {
          var event = first
          while let current = event {
            try await writer.write(stream.events(for: current))
            event = try await events.next()
          }
          try await writer.write(stream.closing())
        } catch let error where !(error is ClientConnection.Gone) {
          try await writer.write(ServerSentEvents(APIError(error)))
        }
        try await writer.finish(nil)
      })
  }
}
