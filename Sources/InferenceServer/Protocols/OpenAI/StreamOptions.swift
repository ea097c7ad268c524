import GPTModel
import JSON

/// What a stream of OpenAI's protocols reports besides the answer.
struct StreamOptions: Hashable {
  /// Whether a last chunk tells the tokens used.
  var includesUsage = false
  /// Whether each chunk tells the tokens used so far.
  var reportsUsageContinuously = false

  /// Reads how to stream; nil for one document.
  static func read(_ fields: FieldReader) throws(APIError) -> StreamOptions? {
    let streams = try fields.boolean("stream") ?? false
    guard let options = try fields.reader("stream_options") else {
      return streams ? StreamOptions() : nil
    }
    guard streams else { throw fields.invalid("stream_options", "requires stream to be true") }
    let includesUsage = try options.boolean("include_usage") ?? false
    let continuous = try options.boolean("continuous_usage_stats") ?? false
    _ = try options.boolean("include_obfuscation")
    return StreamOptions(
      includesUsage: includesUsage, reportsUsageContinuously: includesUsage && continuous)
  }
}

extension StreamOptions {
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
