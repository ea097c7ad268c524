import GPTModel
import JSON

/// What streams of OpenAI's protocols tell of the tokens used.
extension ChatCompletion.StreamOptions {
  /// Writes the `usage` member of a chunk, where one is asked for: the tokens so far, or null.
  func writeUsage(_ usage: @autoclosure () -> Usage, to json: inout JSONWriter) {
    if reportsUsageContinuously {
      json.member("usage") { usage().write(to: &$0) }
    } else if includesUsage {
      json.member("usage", nil)
    }
  }

  /// The end of a stream: the tokens used, if asked for, and the mark that nothing follows.
  ///
  /// - Parameter document: Makes a chunk of the members that it is given.
  func closing(
    _ usage: @autoclosure () -> Usage, in document: ((inout JSONWriter) -> Void) -> JSONWriter
  ) -> ServerSentEvents {
    var events = ServerSentEvents()
    if includesUsage {
      let usage = usage()
      events.append(
        document { json in
          json.member("choices") { $0.array { _ in } }
          json.member("usage") { usage.write(to: &$0) }
        })
    }
    events.appendDone()
    return events
  }
}
