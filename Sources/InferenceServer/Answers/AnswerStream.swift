import GPTModel
import HTTPTransport
import HTTPTypes
import Hummingbird

/// Turns what happens to an answer into the events of one protocol's stream.
protocol AnswerStream: Sendable {
  /// The events on the wire for one event of a generation: none while its text is withheld.
  mutating func events(for event: ChoiceEvent) -> ServerSentEvents
  /// The end of the stream.
  mutating func closing() -> ServerSentEvents
  /// The end of a stream that failed after it began.
  mutating func failing(_ error: APIError) -> ServerSentEvents
}

extension AnswerStream {
  mutating func failing(_ error: APIError) -> ServerSentEvents { ServerSentEvents(error) }

  /// What is sent of a moment; a token takes less time than to go elsewhere with it.
  fileprivate mutating func events(for moment: ChoiceEvents.Moment) async -> ServerSentEvents {
    guard case .event(let event) = moment else { return .comment }
    guard case .prompt = event.event else { return events(for: event) }
    return await awayFromEventLoops { events(for: event) }
  }
}

extension Response {
  /// Streams an answer.
  ///
  /// The head waits for the first event, so that a refusal still has a status of its own, but not for
  /// longer than a stream may be silent.
  ///
  /// - Parameter headers: Further fields of the head.
  static func stream(
    _ stream: some AnswerStream, of events: ChoiceEvents, headers: HTTPFields = [:]
  ) async throws -> Response {
    let first = try await events.nextMoment()
    var headers = headers
    headers[.contentType] = "text/event-stream; charset=utf-8"
    headers[.cacheControl] = "no-cache"
    headers[.accelBuffering] = "no"
    return Response(
      status: .ok, headers: headers,
      body: ResponseBody { writer in
        var stream = stream
        do {
          var moment = first
          while let current = moment {
            try await writer.write(stream.events(for: current))
            moment = try await events.nextMoment()
          }
          // The end of some protocols has the whole answer in it.
          let closing = await awayFromEventLoops { stream.closing() }
          try await writer.write(closing)
        } catch let error where !(error is ClientConnection.Gone) {
          try await writer.write(stream.failing(APIError(error)))
          ClientConnection.current?.markFailed()
        }
        try await writer.finish(nil)
      })
  }
}
